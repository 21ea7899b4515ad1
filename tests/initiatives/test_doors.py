"""Where a search leads beside its results: to the page that its words name, and to the trainings that have these words."""

import re

import pytest
from django.utils import translation

from initiatives.doors import door
from initiatives.models import Organization
from initiatives.search import index
from initiatives.search.wording import read
from tests import factories
from tests.pages import Structure
from trainings.models import TrainingOrganization
from trainings.templatetags.trainings import number_of_trainings

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(db):
    who = factories.organization("who", name="World Health Organization", acronym="WHO", aliases=["OMS", "Organisation mondiale"])
    factories.organization("paho", name="Pan American Health Organization", acronym="PAHO")
    factories.organization("claremont", name="Claremont", acronym="")
    factories.synonym("ВОЗ", "World Health Organization", language="ru")
    factories.synonym("Ivory Coast", "Côte d'Ivoire")
    factories.synonym("DRC", "Congo", "Democratic Republic of the Congo")
    factories.synonym("sniffer dogs", "canine")
    factories.synonym("Iceland", "Claremont")
    factories.synonym("UN", "United Nations", "WHO")
    factories.initiative("1101", lead=who, title="Canine patrols")
    index.rebuild()


def leads_to(text: str) -> str | None:
    found = door(text, read(text), Organization.objects.all())
    return found and found.get_absolute_url()


ORGANIZATIONS = {
    "WHO": "who",
    "who": "who",
    "“WHO”": "who",
    "OMS": "who",
    "world health organization": "who",
    "ВОЗ": "who",
    "what is the WHO?": "who",
}
COUNTRIES = {"Kenya": "ke", "KENYA": "ke", "Allemagne": "de", "España": "es", "espana": "es", "كينيا": "ke", "Moldova": "md"}
BY_SYNONYM = {"Ivory Coast": "ci", "DRC": "cd", "Congo": "cg", "Iceland": "is"}


def test_names_lead_to_their_page(known):
    expected = {text: f"/organizations/{slug}/" for text, slug in ORGANIZATIONS.items()}
    expected |= {text: f"/countries/{code}/" for text, code in (COUNTRIES | BY_SYNONYM).items()}
    assert {text: leads_to(text) for text in expected} == expected


@pytest.mark.parametrize(
    "text",
    ["", ".", "the", "xyzzy", "WHO Kenya", "WHO guidelines", "sniffer dogs", "UN", "Korea", "Guin", "KE", "x\0y", "a" * 200],
)
def test_other_words_lead_nowhere(known, text):
    assert leads_to(text) is None


def test_names_of_the_readers_language_are_known(known):
    with translation.override("ar"):
        assert leads_to(translation.gettext("Pan American Health Organization")) == "/ar/organizations/paho/"


def links(page) -> list[tuple[str, str]]:
    """Address and words of what stands above the results."""
    results = page.content.decode().split('id="results"')[1].split('class="gc-empty"')[0].split('class="gc-cards"')[0]
    return re.findall(r'<p class="gc-before"><a href="(/(?:organizations|countries|trainings)/[^"]*)">([^<]+)</a></p>', results)


def test_page_of_what_was_typed_stands_above_the_results_and_above_none(client, known):
    page = client.get("/initiatives/?search=WHO")
    assert links(page) == [("/organizations/who/", "World Health Organization: its initiatives by group, and its trainings")]
    assert Structure(page.content.decode()).faults == []
    page = client.get("/initiatives/?search=PAHO")
    assert '<h2 id="results" tabindex="-1">0 initiatives</h2>' in page.content.decode()
    assert links(page) == [
        ("/organizations/paho/", "Pan American Health Organization: its initiatives by group, and its trainings")
    ]
    page = client.get("/initiatives/?search=Kenya")
    assert links(page) == [("/countries/ke/", "Kenya: what it takes part in, and what is open to it")]
    assert links(client.get("/initiatives/?search=canine")) == links(client.get("/initiatives/")) == []


def test_trainings_with_these_words_are_as_many_as_their_page_shows(client, known):
    for slug in ("one", "two", "three"):
        factories.training(slug, title=f"Canine course {slug}", city="Nairobi" if slug == "one" else "")
    factories.training("draft", title="Canine course draft", state="draft")
    page = client.get("/initiatives/?search=sniffer+dogs")
    assert links(page) == [("/trainings/?search=sniffer%20dogs", "3 trainings have these words")]
    found = client.get(links(page)[0][0]).content.decode()
    assert set(re.findall(r'href="/trainings/([a-z]+)/"', found)) == {"one", "two", "three"}
    page = client.get("/initiatives/?search=canine+nairobi")
    assert links(page) == [("/trainings/?search=canine%20nairobi", "1 training has these words")]


def test_trainings_of_an_organization_stand_beside_its_page(client, known):
    training = factories.training("one")
    TrainingOrganization.objects.create(training=training, name="World Health Organization", role="organizer")
    assert [address for address, _words in links(client.get("/initiatives/?search=WHO"))] == ["/organizations/who/"]
    factories.synonym("WHO", "World Health Organization")
    index.rebuild()
    assert [address for address, _words in links(client.get("/initiatives/?search=WHO"))] == [
        "/organizations/who/",
        "/trainings/?search=WHO",
    ]


def test_trainings_cost_one_query_however_many_there_are(known, django_assert_num_queries):
    units = read("canine")
    for number in range(20):
        factories.training(f"more-{number}", title="Canine course")
    with django_assert_num_queries(1):  # trainings
        assert number_of_trainings(units) == 20
    with django_assert_num_queries(0):
        assert number_of_trainings(()) == 0
