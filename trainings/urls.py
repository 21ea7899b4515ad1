from django.urls import path

from trainings import calendar, views

app_name = "trainings"
urlpatterns = [
    path("", views.trainings, name="list"),
    path("calendar.ics", calendar.calendar, name="calendar"),
    path("<slug:slug>/", views.training, name="training"),
]
