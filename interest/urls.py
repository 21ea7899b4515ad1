from django.urls import path

from interest import views

app_name = "interest"
urlpatterns = [
    path("", views.shortlist, name="shortlist"),
    path("register/", views.register, name="register"),
    path("register/sent/", views.registered, name="registered"),
    path("verify/<str:token>/", views.verify, name="verify"),
    path("status/<str:token>/", views.status, name="status"),
]
