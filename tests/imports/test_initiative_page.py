import pytest

from initiatives.models import Initiative, Organization, PointOfContact
from tests import factories
from tests.imports.conftest import INITIATIVE_PAGE

PAGE = """\
A fine title

Implementing Organization

The text of the catalogue.

Project Activities
  1. one
  2. two
Background
It began.

Jane Doe (Ms.) Programme Officer Some Section UNODC A-1400 Vienna T: +43 1 0 Email: jane [dot] doe [at] example [dot] org
"""


@pytest.fixture
def entry(db):
    factories.organization("unodc")
    return factories.initiative("1103", title="A fine title", summary="The text of the catalogue.")


@pytest.fixture
def page_of_3224(db):
    """What the catalogue page says of 3224."""
    factories.organization("unodc")
    title, *_, text = INITIATIVE_PAGE.read_text(encoding="utf-8").split("\n")[:5]
    return factories.initiative("3224", title=title, summary=text.strip())


def refreshed(row):
    return type(row).objects.get(pk=row.pk)


def test_real_page_fills_its_sections_letter_by_letter(run, page_of_3224):
    outcome = run("import_initiative_page", INITIATIVE_PAGE)
    assert outcome.last == "created 0 changed 1 unchanged 0 odd 1"
    assert outcome.odd() == ["line 3: 3224 implementing organization is not named below its heading"]
    row = refreshed(page_of_3224)
    headings = {
        "accomplishments": "Accomplishments to Date",
        "activities": "Project Activities",
        "global_outcomes": "Global Level Outcomes",
        "national_outcomes": "National Level Outcomes",
        "state_participation": "Current State Participation",
    }
    assert {name for name in Initiative.SECTIONS if getattr(row, name)} == set(headings)
    source = INITIATIVE_PAGE.read_text(encoding="utf-8")
    body = source[source.index("Accomplishments to Date") : source.index("Anja")]
    read = "".join(heading + getattr(row, name) for name, heading in headings.items())
    assert "".join(read.split()) == "".join(body.split())


def test_real_page_keeps_its_lists(run, page_of_3224):
    run("import_initiative_page", INITIATIVE_PAGE)
    row = refreshed(page_of_3224)
    assert [line[:3] for line in row.activities.split("\n")] == ["1. ", "2. ", "3. ", "4. ", "5. "]
    assert [line[:2] for line in row.accomplishments.split("\n")] == ["• "] * 6


def test_real_contact_is_taken_apart_for_staff_only(run, page_of_3224):
    outcome = run("import_initiative_page", INITIATIVE_PAGE)
    contact = PointOfContact.objects.get()
    assert (contact.organization.slug, contact.title) == ("unodc", "Programme Officer")
    assert contact.section == "Prevention, Treatment and Rehabilitation Section, Drugs, Laboratory and Scientific Services Branch"
    assert (contact.name.split()[0], contact.email.split("@")[1], contact.phone) == ("Anja", "un.org", "+43 1 26060 4389")
    assert list(page_of_3224.contacts.all()) == [contact]
    assert not contact.is_demonstration
    row = refreshed(page_of_3224)
    for secret in [contact.name, contact.email, contact.phone, "[at]"]:
        assert secret not in "".join(outcome.lines)
        assert secret not in "".join(getattr(row, name) for name in ["summary", *Initiative.SECTIONS])


def test_second_run_changes_nothing(run, page_of_3224, snapshot):
    run("import_initiative_page", INITIATIVE_PAGE)
    before = snapshot()
    assert run("import_initiative_page", INITIATIVE_PAGE).last == "created 0 changed 0 unchanged 1 odd 1"
    assert snapshot() == before


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Description", "description"),
        ("Prerequisite for Participation:", "prerequisites"),
        ("ACCOMPLISHMENTS TO DATE", "accomplishments"),
        ("Current State Participants", "state_participation"),
    ],
)
def test_headings_vary(run, entry, heading, name):
    run("import_initiative_page", PAGE.replace("Background", heading))
    assert getattr(refreshed(entry), name) == "It began."


def test_curated_section_is_kept_and_reported(run, entry):
    entry.background = "By staff."
    entry.curate({"background"})
    entry.save()
    odd = run("import_initiative_page", PAGE).odd()
    assert "line 10: 1103 background was edited by staff and is kept; staff -> source: “By staff.” -> “It began.”" in odd
    row = refreshed(entry)
    assert (row.background, row.activities) == ("By staff.", "1. one\n2. two")


def test_curated_contacts_are_kept(run, entry):
    entry.curate({"contacts"})
    entry.save()
    odd = run("import_initiative_page", PAGE).odd()
    assert "line 13: 1103 contacts were edited by staff and are kept; the page names another" in odd
    assert not entry.contacts.exists()


def test_contact_details_of_staff_are_kept(run, entry):
    unodc = Organization.objects.get(slug="unodc")
    PointOfContact.objects.create(organization=unodc, name="Jane D. Doe", title="Programme Officer", email="jane.doe@example.org")
    odd = run("import_initiative_page", PAGE).odd()
    assert "line 13: 1103 contacts: name differs from the page and is kept" in odd
    assert PointOfContact.objects.get().name == "Jane D. Doe"


def test_new_contact_comes_after_those_that_are_there(run, entry):
    first = factories.contact(Organization.objects.get(slug="unodc"), "First Contact")
    entry.contact_links.create(contact=first)
    run("import_initiative_page", PAGE)
    assert [link.contact.name for link in entry.contact_links.all()] == ["First Contact", "Jane Doe"]


def test_differences_to_the_catalogue_are_reported_not_written(run, entry):
    page = PAGE.replace("A fine title", "Another title\nInitiative code 1104").replace("The text of", "The longer text of")
    page = page.replace("Implementing Organization", "Implementing Organization\nColombo Plan (CP)")
    outcome = run("import_initiative_page", page, code="1103")
    assert outcome.odd() == [
        "line 1: the page says that its code is 1104; it was read into 1103",
        "line 1: 1103 title; catalogue -> this page: “A fine title” -> “Another title”",
        "line 7: 1103 text above the headings; catalogue -> this page: “The text of the …” -> “The longer text of the …”",
        "line 4: 1103 implementing organization is “Colombo Plan (CP)”; add it by hand",
    ]  # fmt: skip
    row = refreshed(entry)
    assert (row.title, row.summary) == ("A fine title", "The text of the catalogue.")


def test_code_on_the_page_finds_the_initiative(run, entry):
    run("import_initiative_page", PAGE.replace("A fine title", "Another title\nInitiative code 1103"))
    assert refreshed(entry).background == "It began."


def test_page_without_contact_is_reported(run, entry):
    page = PAGE[: PAGE.index("Jane")]
    assert "1103 has no point of contact on this page" in run("import_initiative_page", page, no_contact=True).odd()


NO_PARTS = (
    "This contact cannot be taken apart. Write it on one line as “Jane Doe (Ms.) Programme Officer Some Section UNODC A-1400"
    " Vienna T: +43 1 000 Email: jane [dot] doe [at] example [dot] org”, with an organization that is known."
)
CUT = "line {}: The page breaks off here: no point of contact ends it. Save all of the page. If it has none: --no-contact."
DAMAGES = {
    "empty": ("", "line 1: The file is empty. Save the page again as plain text."),
    "no heading": (
        "A fine title\njane@example.org\n",
        (
            "line 1: No known heading was found. Is this the page of an initiative? Headings are “Description”, “Background”,"
            " “Prerequisite for participation”, “Prerequisites for participation”, “Accomplishments to date”,"
            " “Project activities”, “Global level outcomes”, “National level outcomes”, “Current state participation”,"
            " “Current state participants”, “Implementing organization”."
        ),
    ),
    "cut off": (PAGE[: PAGE.index("\nJane")], CUT.format(11)),
    "cut off inside a section": (PAGE[: PAGE.index("  2. two")], CUT.format(8)),
    "cut off inside the contact": (PAGE[: PAGE.index(" Email:")], CUT.format(13)),
    "text after the contact": (PAGE + "Some text.\n", CUT.format(14)),
    "heading twice": (
        PAGE.replace("Background\n", "Project Activities\n"),
        "line 10: This heading stands in line 7 already. Keep one of them.",
    ),
    "heading without text": (
        PAGE.replace("It began.\n", ""),
        "line 10: This heading has no text below it. Add the text or remove the heading.",
    ),
    "unknown title": (
        PAGE.replace("fine", "bad"),
        "line 1: No initiatives have the title “A bad title”. Say which one it is: --code CODE.",
    ),
    "unknown code": (
        PAGE.replace("title\n", "title\nInitiative code 9999\n", 1),
        "line 1: There is no initiative 9999. Import the catalogue page first, or give another --code.",
    ),
    "contact in other words": (PAGE.replace(" (Ms.)", ""), f"line 13: {NO_PARTS}"),
    "contact of an unknown organization": (PAGE.replace("UNODC", "Nobody"), f"line 13: {NO_PARTS}"),
    "address inside a section": (PAGE.replace("It began.", "It began.\nAsk me@example.org."), f"line 12: {NO_PARTS}"),
}


@pytest.mark.parametrize(("page", "error"), DAMAGES.values(), ids=DAMAGES)
def test_damaged_page_changes_nothing(run, entry, snapshot, page, error):
    before = snapshot()
    outcome = run("import_initiative_page", page)
    assert (outcome.code, outcome.lines, outcome.errors) == (1, [], [error])
    assert snapshot() == before


@pytest.mark.parametrize("last", range(1, 35))
def test_real_page_cut_after_a_line_is_refused(run, page_of_3224, snapshot, last):
    lines = INITIATIVE_PAGE.read_text(encoding="utf-8").split("\n")
    before = snapshot()
    outcome = run("import_initiative_page", "\n".join(lines[:last]))
    assert (outcome.code, len(lines)) == (1, 35)
    assert all(error.startswith("line ") for error in outcome.errors)
    assert snapshot() == before


def test_interruption_leaves_no_half_of_a_page(run, entry, snapshot, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    before = snapshot()
    monkeypatch.setattr(Initiative, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("import_initiative_page", PAGE)
    assert snapshot() == before


def test_title_of_two_initiatives_asks_for_the_code(run, entry):
    factories.initiative("1104", title="A fine title")
    outcome = run("import_initiative_page", PAGE)
    assert outcome.errors == ["line 1: 2 initiatives have the title “A fine title”. Say which one it is: --code CODE."]
    assert run("import_initiative_page", PAGE, code="1104").last.startswith("created 0 changed 1 ")


def test_contact_to_whom_no_mail_could_be_written_is_reported(run, entry):
    outcome = run("import_initiative_page", PAGE.replace("jane [dot] doe", "jane%relay"))
    [problem] = [line for line in outcome.errors + outcome.lines if "cannot be taken apart" in line]
    assert "line 13: " in problem
    assert not PointOfContact.objects.exists()
