from django.urls import path, register_converter
from django.urls.converters import StringConverter

from initiatives import views
from initiatives.models.groups import GROUP_NUMBER


class GroupNumber(StringConverter):
    regex = GROUP_NUMBER


class InitiativeCode(StringConverter):
    """In small letters too: the view leads on from there."""

    regex = "[0-9]{4}[A-Za-z]?"


register_converter(GroupNumber, "group_number")
register_converter(InitiativeCode, "code")

app_name = "initiatives"
urlpatterns = [
    path("initiatives/", views.catalogue, name="catalogue"),
    path("initiatives/<code:code>/", views.initiative, name="initiative"),
    path("sub-working-groups/<group_number:number>/", views.sub_working_group, name="sub_working_group"),
    path("organizations/", views.organizations, name="organizations"),
    path("organizations/<slug:slug>/", views.organization, name="organization"),
]
