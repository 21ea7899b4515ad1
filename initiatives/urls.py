from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from initiatives import changelog, feeds, overviews, views
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
    path("initiatives/compare/", views.compare, name="compare"),
    path("initiatives/", include("initiatives.exports.urls")),
    path("initiatives/changes/", changelog.changes, name="changes"),
    path("initiatives/changes/feed.atom", feeds.changes_feed, name="changes_feed"),
    path("initiatives/feed.atom", feeds.feed, name="feed"),
    path("initiatives/<code:code>/", views.initiative, name="initiative"),
    path("initiatives/<code:code>/feed.atom", feeds.initiative_feed, name="initiative_feed"),
    path("sub-working-groups/<group_number:number>/feed.atom", feeds.group_feed, name="sub_working_group_feed"),
    path("organizations/<slug:slug>/feed.atom", feeds.organization_feed, name="organization_feed"),
    path("sub-working-groups/<group_number:number>/", views.sub_working_group, name="sub_working_group"),
    path("coverage/", overviews.coverage, name="coverage"),
    path("organizations/", overviews.organizations, name="organizations"),
    path("organizations/<slug:slug>/", overviews.organization, name="organization"),
]
