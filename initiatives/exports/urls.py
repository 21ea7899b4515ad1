from django.urls import path

from initiatives.exports import views

# Part of initiatives.urls. None of these can be a code.
urlpatterns = [
    path("export.csv", views.csv, name="export_csv"),
    path("export.xlsx", views.xlsx, name="export_xlsx"),
    path("briefing/", views.briefing, name="briefing"),
    path("briefing.pdf", views.briefing_pdf, name="briefing_pdf"),
]
