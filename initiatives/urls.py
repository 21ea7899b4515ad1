from django.urls import path

from initiatives import views

app_name = "initiatives"
urlpatterns = [
    path("initiatives/", views.catalogue, name="catalogue"),
    path("initiatives/<slug:code>/", views.initiative, name="initiative"),
    path("sub-working-groups/<str:number>/", views.sub_working_group, name="sub_working_group"),
    path("organizations/", views.organizations, name="organizations"),
    path("organizations/<slug:slug>/", views.organization, name="organization"),
]
