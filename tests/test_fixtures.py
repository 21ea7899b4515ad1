"""What `make run` loads: complete, true to the sources, and without anybody's address."""

import csv
import itertools
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django_countries import countries

from initiatives.imports.build import CATALOGUE, initiative_pages
from initiatives.imports.contact_block import ADDRESS
from initiatives.models import (
    Basis,
    Initiative,
    InitiativeContact,
    InitiativeOrganization,
    Organization,
    PointOfContact,
    SubWorkingGroup,
    Term,
)
from trainings.models import Session, Training, TrainingInitiative, TrainingOrganization

FIXTURES = Path("fixtures")
SOURCES = FIXTURES / "sources"

# Design §6: a contract, in this order.
VOCABULARY = {
    "support": "training technical-assistance equipment guidance platform data assessment network policy mentoring",
    "audience": "law-enforcement customs forensic-laboratories postal-services regulators industry judges-and-prosecutors"
    " prison-services policymakers health-workers treatment-workers prevention-workers schools-and-families youth media"
    " researchers",
    "topic": "precursors manufacture disposal trafficking online-markets nps opioids stimulants cannabis controlled-medicines"
    " forensics early-warning drug-use-data money-flows legislation prevention treatment overdose recovery gender humanitarian"
    " alternatives-to-incarceration prisons alternative-development",
    "region": "africa north-america latin-america-and-the-caribbean middle-east central-asia south-asia east-and-southeast-asia"
    " pacific europe",
}  # fmt: skip


def letters(text: str) -> str:
    return "".join(text.split())


def source(name: str) -> str:
    return (SOURCES / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def loaded_once(django_db_setup, django_db_blocker):
    """Loads for the whole file, in a transaction around those of its tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("loaddata", "fixtures/catalogue.json", "fixtures/trainings.json", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def loaded(loaded_once, db):
    pass


@pytest.fixture
def demonstration(loaded):
    call_command("load_demonstration", verbosity=0)


# -- catalogue.json ----------------------------------------------------------------------------------------------------


def test_catalogue_is_complete(loaded):
    assert SubWorkingGroup.objects.count() == 7
    assert Initiative.objects.published().count() == 118
    assert Organization.objects.participating().count() == 15
    assert {facet: " ".join(Term.objects.of(facet).values_list("slug", flat=True)) for facet in Term.Facet} == VOCABULARY


def test_loading_twice_changes_no_counts(loaded):
    models = [Initiative, InitiativeOrganization, Organization, Term, Training, TrainingOrganization, TrainingInitiative, Session]
    before = [model.objects.count() for model in models]
    call_command("loaddata", "fixtures/catalogue.json", "fixtures/trainings.json", verbosity=0)
    assert [model.objects.count() for model in models] == before


def test_catalogue_has_every_letter_of_the_page(loaded):
    """Independent of the parser: what stands between an entry's title and the next title is its text."""
    lines = source("initiatives-page.txt").split("\n")
    titles = [number for number, line in enumerate(lines) if re.match(r"\d{4}: |Sub-Working Group|-$", line)]
    texts = {}
    for number, following in itertools.pairwise(titles):
        if entry := re.match(r"(?:\d{4}: )?(\d{4}[A-Z]?): (.*)", lines[number]):
            texts[entry[1]] = (entry[2], letters("".join(lines[number + 1 : following])))
    assert len(texts) == 118
    assert {row.code: (row.title, letters(row.summary)) for row in Initiative.objects.all()} == texts


def test_sections_have_every_letter_of_their_pages(loaded):
    [path] = initiative_pages()
    row = Initiative.objects.get(code="3224")
    page = letters(path.read_text(encoding="utf-8"))
    sections = [getattr(row, name) for name in Initiative.SECTIONS if getattr(row, name)]
    assert len(sections) == 5
    positions = [page.index(letters(text)) for text in [row.title, row.summary, *sections]]
    assert positions == sorted(positions)


def test_no_fixture_has_an_address_but_those_of_the_demonstration():
    assert not ADDRESS.search(CATALOGUE.read_text(encoding="utf-8"))
    assert not ADDRESS.search((FIXTURES / "trainings.json").read_text(encoding="utf-8"))
    demo = (FIXTURES / "demo.json").read_text(encoding="utf-8")
    assert {address.partition("@")[2] for address in re.findall(r"[^\s\"]+@[^\s\"]+", demo)} == {"example.org"}


def test_catalogue_names_no_contact(loaded):
    assert not PointOfContact.objects.exists()
    for name in ["Anja", "Busse", "26060"]:
        assert name in source("initiative-3224-page.txt")
        assert name not in CATALOGUE.read_text(encoding="utf-8")


# -- classification, organizations, vocabulary -------------------------------------------------------------------------


def rows(name: str) -> list[dict[str, str]]:
    with (FIXTURES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_classification_covers_every_initiative(loaded):
    fields = Counter((row["code"], row["field"]) for row in rows("classification.csv"))
    for code in Initiative.objects.values_list("code", flat=True):
        for field in ["lead", "support", "audience", "topic", "scope", "stage"]:
            assert fields[code, field], f"{code} has no row for {field}"


def test_words_of_the_classification_stand_in_the_source(loaded):
    """Read from the source itself, not from what was imported."""
    lines = source("initiatives-page.txt").split("\n")
    starts = {number: entry[1] for number, line in enumerate(lines) if (entry := re.match(r"(?:\d{4}: )?(\d{4}[A-Z]?): ", line))}
    starts |= {number: "" for number, line in enumerate(lines) if re.match(r"Sub-Working Group|-$", line)}
    texts: dict[str, str] = {}
    code = ""
    for number, line in enumerate(lines):
        code = starts.get(number, code)
        texts[code] = texts.get(code, "") + letters(line)
    texts["3224"] += letters(source("initiative-3224-page.txt"))
    checked = [row for row in rows("classification.csv") if row["words"]]
    assert len(checked) > 900
    assert [row for row in checked if letters(row["words"]) not in texts[row["code"]]] == []


def test_organizations_of_an_initiative_have_their_words(loaded):
    links = InitiativeOrganization.objects.all()
    assert links.count() == sum(
        row["field"] in {"lead", "partner", "mentioned"} and row["value"] != "not-stated" for row in rows("classification.csv")
    )
    assert not links.filter(words="").exists()
    assert set(links.values_list("basis", flat=True)) == {Basis.STATED, Basis.INFERRED}


def test_every_organization_of_the_table_is_used(loaded):
    """An organization is on the Coalition's list or in the classification; others would be rows that nobody finds."""
    assert set(Organization.objects.values_list("slug", flat=True)) == {row["slug"] for row in rows("organizations.csv")}
    idle = Organization.objects.filter(is_participating=False, initiative_links=None)
    assert list(idle.values_list("slug", flat=True)) == []


def test_participating_organizations_are_those_of_the_page(loaded):
    participating = {row["slug"] for row in rows("organizations.csv") if row["participating"] == "yes"}
    assert participating == set(Organization.objects.participating().values_list("slug", flat=True))


def test_every_country_is_in_a_region(loaded):
    in_regions = {code for term in Term.objects.of("region") for code in term.countries}
    assert {country.code for country in countries} - in_regions == set()


@pytest.mark.parametrize(
    ("country", "regions"),
    [
        ("MX", ["north-america", "latin-america-and-the-caribbean"]),
        ("IR", ["middle-east", "central-asia", "south-asia"]),
        ("AF", ["central-asia", "south-asia"]),
        ("AU", ["pacific"]),
        ("KZ", ["central-asia"]),
        ("EG", ["africa", "middle-east"]),
    ],
)
def test_region_has_the_countries_of_the_guide(loaded, country, regions):
    assert list(Term.objects.of("region").filter(countries__contains=[country]).values_list("slug", flat=True)) == regions


# -- trainings.json ----------------------------------------------------------------------------------------------------

TEHRAN_2022 = ["tehran-2022-10-women-with-drug-use-disorders", "tehran-2022-11-women-with-drug-use-disorders"]
TEHRAN_2023 = "tehran-2023-05-booster-sessions"
TEHRAN_2025 = "tehran-2025-12-prevention-early-detection-rehabilitation"
KAZAKHSTAN = "kazakhstan-webinar-prevention-law-enforcement"
STORIES = {
    TEHRAN_2022[0]: "training-tehran-2023-05-booster-sessions.txt",
    TEHRAN_2022[1]: "training-tehran-2023-05-booster-sessions.txt",
    TEHRAN_2023: "training-tehran-2023-05-booster-sessions.txt",
    TEHRAN_2025: "training-tehran-2025-12.txt",
    KAZAKHSTAN: "training-kazakhstan-webinar-law-enforcement.txt",
}


def test_trainings_have_the_dates_that_the_stories_carry(loaded):
    dates = Training.objects.values_list("slug", "starts_on", "ends_on", "date_precision", "source_date")
    assert {slug: [str(value) for value in values] for slug, *values in dates} == {
        TEHRAN_2022[0]: ["2022-10-01", "None", "month", "2023-05-23"],
        TEHRAN_2022[1]: ["2022-11-01", "None", "month", "2023-05-23"],
        TEHRAN_2023: ["2023-05-01", "None", "month", "2023-05-23"],
        TEHRAN_2025: ["2025-12-21", "2025-12-25", "day", "2025-12-24"],
        KAZAKHSTAN: ["None", "None", "day", "None"],
    }
    assert Training.objects.published().count() == 5


def test_stories_are_those_of_the_sources(loaded):
    for training in Training.objects.all():
        story = letters(source(STORIES[training.slug]))
        paragraphs = training.story.split("\n\n")
        assert [text for text in paragraphs if letters(text) not in story] == [], training.slug
    # A whole story ends where its source ends; the two workshops of 2022 have only the paragraphs about them.
    for slug in [TEHRAN_2023, TEHRAN_2025, KAZAKHSTAN]:
        assert letters(source(STORIES[slug])).endswith(letters(Training.objects.get(slug=slug).story))


def test_roles_of_organizations_in_trainings(loaded):
    links = TrainingOrganization.objects.exclude(training__slug__in=TEHRAN_2022)
    assert [(link.training.slug, link.role, str(link)) for link in links.order_by("training__slug", "position")] == [
        (KAZAKHSTAN, "organizer", "UNODC Regional Programme for Afghanistan and Neighbouring Countries"),
        (KAZAKHSTAN, "partner", "UNODC Prevention, Treatment and Rehabilitation Section"),
        (KAZAKHSTAN, "partner", "UNODC Programme for Central Asia"),
        (KAZAKHSTAN, "requesting_authority", "Ministry of Interior of the Republic of Kazakhstan"),
        (TEHRAN_2023, "organizer", "UNODC Iran"),
        (TEHRAN_2023, "partner", "Iranian Drug Control Headquarters (DCHQ)"),
        (TEHRAN_2025, "organizer", "UNODC Iran"),
        (TEHRAN_2025, "donor", "Government of the Russian Federation"),
        (TEHRAN_2025, "partner", "Iranian Drug Control Headquarters (DCHQ)"),
        (
            TEHRAN_2025,
            "scientific_institution",
            (
                "V.P. Serbsky National Medical Research Centre for Psychiatry and Narcology of the Ministry of Health"
                " of the Russian Federation"
            ),
        ),
    ]
    assert {link.organization.slug for link in links.filter(role="organizer")} == {"unodc"}


def test_booster_sessions_follow_up_the_two_workshops(loaded):
    booster = Training.objects.get(slug=TEHRAN_2023)
    assert sorted(booster.follow_up_of.values_list("slug", flat=True)) == TEHRAN_2022
    assert [(session.title, session.facilitators) for session in booster.sessions.all()] == [
        ("Psychosocial interventions", ["Ms. Leila Arshad"]),
        ("Overdose", ["Dr. Hossein Hassanian-Moghadam"]),
        ("Motivational interviewing", ["Dr. Setareh Mohsenifar"]),
    ]


def test_numbers_are_only_those_that_a_story_states(loaded):
    assert dict(Training.objects.exclude(participants=None).values_list("slug", "participants")) == {KAZAKHSTAN: 30}
    assert not Training.objects.exclude(indicators=[]).exists()
    assert not Training.objects.exclude(languages=[]).exists()


def test_link_to_an_initiative_is_inferred_and_has_its_words(loaded):
    [link] = TrainingInitiative.objects.all()
    assert (link.training.slug, link.initiative.code, link.basis) == (KAZAKHSTAN, "3105", "inferred")
    assert letters(link.words) in letters(source(STORIES[KAZAKHSTAN]))


# -- demo.json ---------------------------------------------------------------------------------------------------------


def test_demonstration_answers_for_every_organization_that_takes_part_or_leads(demonstration):
    leads = Organization.objects.filter(initiative_links__role="lead")
    asked = Organization.objects.participating() | leads
    without = [row.slug for row in asked.distinct() if not (row.default_contact and row.default_contact.is_demonstration)]
    assert without == []
    assert PointOfContact.objects.filter(organization__slug="unodc").count() == 2
    assert PointOfContact.objects.count() == PointOfContact.objects.demonstration().count() == 26


def test_demonstration_stands_in_for_the_contact_of_3224(demonstration):
    [asked, *deputies] = Initiative.objects.get(code="3224").contacts_to_ask()
    assert (asked.section, asked.is_demonstration) == ("Prevention, Treatment and Rehabilitation Section", True)
    assert [deputy.is_demonstration for deputy in deputies] == [True]
    assert set(InitiativeContact.objects.values_list("initiative__code", flat=True)) == {
        "1204", "2202", "2203", "2204", "3104", "3212", "3224",
    }  # fmt: skip


def test_own_contacts_belong_to_an_organization_that_carries_the_initiative_out(demonstration):
    for row in InitiativeContact.objects.select_related("initiative", "contact__organization"):
        assert row.contact.organization in row.initiative.organizations_as("lead", "partner"), row


def test_demonstration_loads_once(demonstration, capsys):
    Organization.objects.filter(slug="who").update(default_contact=None)
    call_command("load_demonstration")
    assert capsys.readouterr().out == "created 0 contacts\n"
    assert Organization.objects.get(slug="who").default_contact is None


def test_production_loads_no_fictional_contact(loaded, settings):
    settings.DEMONSTRATION = False
    with pytest.raises(CommandError, match="DEMONSTRATION is off"):
        call_command("load_demonstration")
    assert not PointOfContact.objects.exists()


def test_demonstration_initiatives_exist(loaded):
    named = {code for row in json.loads((FIXTURES / "demo.json").read_text(encoding="utf-8")) for code in row["initiatives"]}
    assert set(Initiative.objects.in_bulk(named, field_name="code")) == named
