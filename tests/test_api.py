"""The API is a contract (design §6): names, shapes, filters, pages."""

import io
import json

import jsonschema
import pytest
from django.core.management import call_command
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from initiatives.models import Initiative, Organization
from tests import factories
from trainings.models import Training, TrainingInitiative, TrainingOrganization

pytestmark = pytest.mark.django_db

INITIATIVE_FIELDS = {
    "code", "title", "url", "sub_working_group", "summary", "description", "background", "prerequisites", "accomplishments",
    "activities", "global_outcomes", "national_outcomes", "state_participation", "organizations", "stage", "scope", "support",
    "audience", "topic", "region", "languages", "countries", "superseded_by", "source_url", "updated_at",
}  # fmt: skip


@pytest.fixture
def initiative():
    unodc, who = factories.organization("unodc"), factories.organization("who")
    return factories.initiative(
        "3224",
        lead=unodc,
        mentioned=who,
        contacts=[factories.contact(unodc, "Canary Person")],
        terms=[factories.term("support", "training"), factories.term("topic", "treatment"), factories.term("region", "africa")],
        summary="A *text*.\n\n- one\n- two",
        activities="1. First",
        stage="ongoing",
        scope="global",
        languages=["en", "fr"],
        countries=["MX"],
    )


def test_initiative_has_the_fields_of_the_contract(client, initiative):
    found = client.get("/api/v1/initiatives/3224/").json()
    assert set(found) == INITIATIVE_FIELDS
    assert found == found | {
        "code": "3224",
        "url": "http://testserver/initiatives/3224/",
        "sub_working_group": "3.2",
        "summary": "A *text*.\n\n- one\n- two",
        "activities": "1. First",
        "organizations": [
            {"slug": "unodc", "acronym": "UNODC", "name": "Name of unodc", "role": "lead", "basis": "confirmed"},
            {"slug": "who", "acronym": "WHO", "name": "Name of who", "role": "mentioned", "basis": "confirmed"},
        ],
        "stage": "ongoing",
        "scope": "global",
        "support": ["training"],
        "audience": [],
        "topic": ["treatment"],
        "region": ["africa"],
        "languages": ["en", "fr"],
        "countries": ["MX"],
        "superseded_by": None,
    }


def test_initiative_names_only_a_published_successor(client, initiative):
    initiative.superseded_by = factories.initiative("3225", state=Initiative.State.DRAFT)
    initiative.save()
    assert client.get("/api/v1/initiatives/3224/").json()["superseded_by"] is None
    Initiative.objects.filter(code="3225").update(state=Initiative.State.PUBLISHED)
    assert client.get("/api/v1/initiatives/3224/").json()["superseded_by"] == "3225"


@pytest.mark.parametrize("state", ["draft", "review", "archived"])
def test_initiative_is_gone_when_not_published(client, initiative, state):
    Initiative.objects.update(state=state)
    assert client.get("/api/v1/initiatives/3224/").status_code == 404
    assert client.get("/api/v1/initiatives/").json()["count"] == 0
    assert client.get("/api/v1/initiatives/?search=3224").json()["count"] == 0


def test_lists_answer_pages_of_20_and_up_to_100(client):
    for number in range(1101, 1126):
        factories.initiative(str(number))
    first = client.get("/api/v1/initiatives/").json()
    assert set(first) == {"count", "next", "previous", "results"}
    assert (first["count"], len(first["results"]), first["previous"]) == (25, 20, None)
    assert len(client.get(first["next"]).json()["results"]) == 5
    assert len(client.get("/api/v1/initiatives/?page_size=1000").json()["results"]) == 25
    assert client.get("/api/v1/initiatives/?page=9").status_code == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("organization=unodc", ["3224"]),
        ("organization=who", []),
        ("support=training&topic=treatment", ["3224"]),
        ("working_group=3&sub_working_group=3.2", ["3224"]),
        ("country=KE", ["3224"]),
        ("language=fr", ["3224"]),
        ("search=3224", ["3224"]),
        ("stage=ongoing&ordering=-updated_at", ["3224"]),
    ],
)
def test_filters_are_those_of_the_catalogue(client, initiative, query, expected):
    factories.initiative("1103")
    results = client.get(f"/api/v1/initiatives/?{query}").json()["results"]
    assert [found["code"] for found in results] == expected


@pytest.mark.parametrize("query", ["organization=nobody", "stage=maybe", "country=XX", "search=%00", "ordering=sideways"])
def test_nonsense_is_refused_with_a_sentence(client, initiative, query):
    answer = client.get(f"/api/v1/initiatives/?{query}")
    name = query.partition("=")[0]
    assert answer.status_code == 400
    assert set(answer.json()) == {name}
    assert answer.json()[name][0]


def test_other_lists_answer_with_their_fields(client, initiative):
    group = client.get("/api/v1/working-groups/").json()["results"][0]
    assert group == {"number": 3, "title": "Group 3", "sub_working_groups": ["3.2"]}
    sub_group = client.get("/api/v1/sub-working-groups/3.2/").json()
    assert sub_group == {
        "number": "3.2",
        "title": "Sub-group 3.2",
        "url": "http://testserver/sub-working-groups/3.2/",
        "working_group": 3,
    }
    organization = client.get("/api/v1/organizations/unodc/").json()
    assert set(organization) == {"slug", "acronym", "name", "url", "kind", "website", "is_participating"}


def test_training_names_bodies_and_published_initiatives_only(client, initiative):
    draft = factories.initiative("3225", state=Initiative.State.DRAFT)
    training = factories.training(country="IR", participants=30, starts_on="2025-12-21", ends_on="2025-12-25")
    TrainingOrganization.objects.create(training=training, name="Ministry", role="requesting_authority")
    TrainingOrganization.objects.create(training=training, organization=factories.organization("unodc"), role="organizer")
    for linked in (initiative, draft):
        TrainingInitiative.objects.create(training=training, initiative=linked, basis="inferred")
    found = client.get("/api/v1/trainings/tehran-2025/").json()
    assert found["organizations"] == [
        {"slug": None, "name": "Ministry", "role": "requesting_authority"},
        {"slug": "unodc", "name": "Name of unodc", "role": "organizer"},
    ]
    assert found["initiatives"] == [{"code": "3224", "basis": "inferred"}]
    assert (found["country"], found["participants"], found["starts_on"]) == ("IR", 30, "2025-12-21")
    Training.objects.update(state=Training.State.DRAFT)
    assert client.get("/api/v1/trainings/tehran-2025/").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_api_only_reads(client, initiative, method):
    assert getattr(client, method)("/api/v1/initiatives/3224/").status_code == 405


@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_the_same_queries(client, django_assert_num_queries, number):
    for code in range(1101, 1101 + number):
        factories.initiative(str(code), lead=factories.organization("unodc"), terms=[factories.term("topic", "nps")])
    # The choices of the filters (groups, terms, organizations); count; entries; their organizations; their terms.
    with django_assert_num_queries(7):
        assert client.get("/api/v1/initiatives/").json()["count"] == number


@pytest.mark.parametrize("number", [1, 3])
def test_trainings_cost_the_same_queries(client, django_assert_num_queries, number):
    for index in range(number):
        training = factories.training(f"training-{index}")
        TrainingOrganization.objects.create(training=training, organization=factories.organization("unodc"), role="organizer")
    # Count; trainings; organizations; initiatives; topics; audience; sessions; follow-ups.
    with django_assert_num_queries(8):
        assert client.get("/api/v1/trainings/").json()["count"] == number


def test_schema_is_the_committed_one_and_has_no_warnings(pytestconfig):
    schema = io.StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=schema)
    assert schema.getvalue() == (pytestconfig.rootpath / "docs" / "openapi.yml").read_text()
    assert "openapi: 3.1" in schema.getvalue()


def components():
    return SchemaGenerator().get_schema(request=None, public=True)["components"]


def test_schema_speaks_openapi_3_1_and_promises_every_field():
    objects = {name: found for name, found in components()["schemas"].items() if "properties" in found}
    assert len(objects) > 10
    assert {name: sorted(set(found["properties"]) - set(found["required"])) for name, found in objects.items()} == {
        name: [] for name in objects
    }
    for word in ["nullable", "oneOf"]:
        assert word not in json.dumps(objects)


@pytest.mark.parametrize("name", ["Initiative", "WorkingGroup", "SubWorkingGroup", "Organization", "Training"])
@pytest.mark.parametrize("filled", [True, False])
def test_answers_are_as_the_schema_says(client, initiative, name, filled):
    """Those with a value in every field, and those with none where none may be."""
    url = "https://example.org/" if filled else ""
    Initiative.objects.update(source_url=url)
    Organization.objects.update(website=url)
    factories.training(source_url=url, starts_on="2025-12-21" if filled else None, participants=30 if filled else None)
    for code in range(1101, 1104):
        factories.initiative(str(code))
    plural = {"Initiative": "initiatives", "Organization": "organizations", "Training": "trainings"}
    path = plural.get(name) or {"WorkingGroup": "working-groups", "SubWorkingGroup": "sub-working-groups"}[name]
    schema = {"components": components(), "$ref": f"#/components/schemas/Paginated{name}List"}
    answer = client.get(f"/api/v1/{path}/?page_size=1").json()
    assert answer["results"]
    jsonschema.Draft202012Validator(schema).validate(answer)


def test_pages_lead_on_under_the_address_of_the_site(client, settings):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://portal.example.org", ["mirror.example.net"]
    for code in range(1101, 1104):
        factories.initiative(str(code))
    answer = client.get("/api/v1/initiatives/?page=2&page_size=1&search=title", headers={"host": "mirror.example.net"}).json()
    assert answer["next"] == "https://portal.example.org/api/v1/initiatives/?page=3&page_size=1&search=title"
    assert answer["previous"] == "https://portal.example.org/api/v1/initiatives/?page_size=1&search=title"
    assert answer["results"][0]["url"] == "https://portal.example.org/initiatives/1102/"


def test_schema_and_docs_are_served(client, initiative):
    schema = client.get(reverse("api:schema")).json()
    assert "/api/v1/initiatives/{code}/" in schema["paths"]
    page = client.get(reverse("api:docs"))
    assert page.status_code == 200
    for path in schema["paths"]:
        assert path in page.content.decode()
