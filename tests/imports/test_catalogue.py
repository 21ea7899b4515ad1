import datetime
from collections import Counter
from pathlib import Path

import pytest

from initiatives.models import Initiative, Organization, SubWorkingGroup, WorkingGroup
from tests.imports.conftest import CATALOGUE_PAGE, SECOND_EDITION, SMALL_PAGE


@pytest.fixture
def imported(run):
    return run("import_catalogue", CATALOGUE_PAGE)


@pytest.fixture
def small(run):
    return run("import_catalogue", SMALL_PAGE)


def codes() -> set[str]:
    return set(Initiative.objects.values_list("code", flat=True))


def test_real_page_has_the_numbers_counted_by_hand(imported):
    assert imported.code == 0
    assert imported.last == "created 118 changed 0 unchanged 0 odd 59"
    assert WorkingGroup.objects.count() == 3
    assert Counter(Initiative.objects.values_list("sub_working_group__number", flat=True)) == {
        "1.1": 16, "1.2": 15, "2.1": 21, "2.2": 15, "3.1": 16, "3.2": 26, "3.3": 9,
    }  # fmt: skip
    assert Initiative.objects.published().count() == 118
    assert list(Organization.objects.participating().order_by("slug").values_list("slug", flat=True)) == [
        "african-union", "caricom", "cicad", "colombo-plan", "incb", "interpol", "ioc", "paho", "pif", "pompidou-group",
        "unicri", "unodc", "upu", "wco", "who",
    ]  # fmt: skip


def test_real_page_reads_back_letter_by_letter(imported):
    """Independent of the parser: all characters between the introduction and the list, without white space, in their order."""
    source = CATALOGUE_PAGE.read_text(encoding="utf-8")
    body = source[source.index("Sub-Working Group 1.1") : source.index("\n-\n")]
    # On the page 2206A stands before 2206.
    initiatives = sorted(Initiative.objects.all(), key=lambda row: (row.code[:4], row.code[4:] == ""))
    parts = []
    for group in SubWorkingGroup.objects.all():
        parts.append(f"Sub-Working Group {group.number} - {group.title}")
        for row in initiatives:
            if row.sub_working_group_id == group.pk:
                printed = "2206: 2206A" if row.code == "2206A" else row.code
                parts += [f"{printed}: {row.title}", row.summary]
    assert "".join("".join(parts).split()) == "".join(body.split())


def test_real_page_lists_its_oddities(imported):
    odd = imported.odd()
    without_organization = [line for line in odd if line.endswith("names no organization")]
    assert len(without_organization) == 52
    assert [line for line in odd if line not in without_organization] == [
        "line 178: number 2206 is used again in line 180; they are kept apart as 2206A, 2206",
        "line 7: 1101 has the same text as 1201",
        "line 337: 3303 has the same text as 3304",
        "line 17: 1107 has a title of 275 characters, more than 200",
        "line 99: 2104 has a title of 292 characters, more than 200",
        "line 192: 2210 has a title of 351 characters, more than 200",
        'line 224: 3107 points to something that is not there: “For quotes use the section below "Point of Contact"”',
    ]


def test_second_run_changes_nothing(run, imported, snapshot):
    before = snapshot()
    assert run("import_catalogue", CATALOGUE_PAGE).last == "created 0 changed 0 unchanged 118 odd 59"
    assert snapshot() == before


def test_second_edition_changes_only_what_differs(run, imported):
    updated = dict(Initiative.objects.values_list("code", "updated_at"))
    outcome = run("import_catalogue", SECOND_EDITION)
    assert outcome.last == "created 1 changed 2 unchanged 115 odd 60"
    assert [line for line in outcome.lines if not line.startswith("odd")][:-1] == [
        "created: 1102",
        (
            "changed: line 162: title of Sub-Working Group 2.2:"
            " “Information Sharing, Interagency Collaboration and Policy Formulation”"
            " -> “Information Sharing, Interagency Collaboration, and Policy Formulation”"
        ),
        (
            "changed: line 19: 1107 summary: “… is available in English, French, Russian …”"
            " -> “… is available in Arabic, English, French, Russian …”"
        ),
        (
            "changed: line 26: 1110 title: “Clandestine Laboratory Training Program”"
            " -> “Clandestine Laboratory Response Training Program”"
        ),
    ]
    assert outcome.odd()[-1] == "3304 is not on the page; it is kept"
    moved = {row.code for row in Initiative.objects.all() if row.updated_at != updated.get(row.code)}
    assert moved == {"1102", "1107", "1110"}
    assert Initiative.objects.published().count() == 119
    assert Organization.objects.count() == 15
    assert run("import_catalogue", SECOND_EDITION).last == "created 0 changed 0 unchanged 118 odd 60"


def test_archived_entry_that_left_the_page_is_not_reported(run, small):
    Initiative.objects.filter(code="1103").update(state=Initiative.State.ARCHIVED)
    shorter = SMALL_PAGE.replace("1103: Second title\nWHO does that.\n", "")
    assert not [line for line in run("import_catalogue", shorter).odd() if "1103" in line]


def test_paragraphs_and_bullets_stay_apart(small):
    summary = Initiative.objects.get(code="1101").summary
    assert summary == "UNODC does this.\n\nIt offers:\n\n- one thing\n- another thing\n\nAnd more."


def test_number_used_twice_makes_two_codes(small):
    titles = dict(Initiative.objects.filter(code__startswith="2206").values_list("code", "title"))
    assert titles == {"2206A": "Third title", "2206": "Fourth title"}


def test_curated_field_is_kept_and_the_difference_shown(run, small):
    row = Initiative.objects.get(code="1103")
    row.title = "Title by staff"
    row.curate({"title"})
    row.save()
    outcome = run("import_catalogue", SMALL_PAGE.replace("WHO does that.", "WHO does it all."))
    row.refresh_from_db()
    assert (row.title, row.summary) == ("Title by staff", "WHO does it all.")
    assert outcome.last.startswith("created 0 changed 1 unchanged 3 ")
    assert (
        "line 10: 1103 title was edited by staff and is kept; staff -> source: “Title by staff” -> “Second title”"
        in outcome.odd()
    )


def test_entry_with_only_curated_differences_is_unchanged(run, small, snapshot):
    row = Initiative.objects.get(code="1103")
    row.summary = "Rewritten."
    row.curate({"summary"})
    row.save()
    before = snapshot()
    assert run("import_catalogue", SMALL_PAGE).last == "created 0 changed 0 unchanged 4 odd 7"
    assert snapshot() == before


def test_publication_state_is_left_to_staff(run, small):
    Initiative.objects.filter(code="1103").update(state=Initiative.State.DRAFT)
    run("import_catalogue", SMALL_PAGE.replace("WHO does that.", "WHO does it all."))
    assert Initiative.objects.get(code="1103").state == Initiative.State.DRAFT


def test_organization_edited_by_staff_keeps_its_name(run, small):
    Organization.objects.filter(slug="african-union").update(name="The African Union")
    run("import_catalogue", SMALL_PAGE)
    assert Organization.objects.get(slug="african-union").name == "The African Union"


def test_title_of_a_group_edited_by_staff_is_kept(run, small, snapshot):
    group = SubWorkingGroup.objects.get(number="1.1")
    group.title = "Making of drugs"
    group.curate({"title"})
    group.save()
    before = snapshot()
    assert (
        "line 3: title of Sub-Working Group 1.1 was edited by staff and is kept;"
        " staff -> source: “Making of drugs” -> “Manufacturing”"
    ) in run("import_catalogue", SMALL_PAGE).odd()
    assert snapshot() == before


def test_organization_that_staff_took_off_the_list_stays_off(run, small, snapshot):
    row = Organization.objects.get(slug="african-union")
    row.is_participating = False
    row.curate({"is_participating"})
    row.save()
    before = snapshot()
    odd = run("import_catalogue", SMALL_PAGE).odd()
    assert "organization african-union is on the page's list, but staff took it out; it stays out" in odd
    assert snapshot() == before


def test_organization_off_the_list_by_nobody_joins_again(run, small):
    Organization.objects.filter(slug="african-union").update(is_participating=False)
    run("import_catalogue", SMALL_PAGE)
    assert Organization.objects.get(slug="african-union").is_participating


def test_unknown_organization_is_created_and_reported(run):
    outcome = run("import_catalogue", SMALL_PAGE.replace("Africa Union", "New Drug Forum (NDF)"))
    assert "line 19: organization “New Drug Forum (NDF)” is not known; created as ndf, please complete it" in outcome.odd()
    row = Organization.objects.get(slug="ndf")
    assert (row.name, row.acronym, row.is_participating) == ("New Drug Forum", "NDF", True)


def test_organization_that_left_the_list_is_kept_and_reported(run, small):
    outcome = run("import_catalogue", SMALL_PAGE.replace("Africa Union -\n", ""))
    assert "organization african-union is no longer on the page's list; it is kept" in outcome.odd()
    assert Organization.objects.get(slug="african-union").is_participating


def test_source_is_written_to_what_is_new_or_changed(run, small):
    page = SMALL_PAGE.replace("WHO does that.", "WHO does it all.")
    run("import_catalogue", page, source_url="https://example.org/page", source_date=datetime.date(2026, 1, 31))
    sources = dict(Initiative.objects.values_list("code", "source_url"))
    assert sources == {"1101": "", "1103": "https://example.org/page", "2206": "", "2206A": ""}
    assert Initiative.objects.get(code="1103").source_date == datetime.date(2026, 1, 31)


@pytest.mark.parametrize(
    "edit",
    [
        lambda page: "\ufeff" + page,
        lambda page: page.replace("\n", "\r\n"),
        lambda page: page.replace("\n", "\r"),
        lambda page: page.replace("\n", "\n\n  "),
        lambda page: page.replace(" ", "\u00a0"),
        lambda page: page.rstrip("\n"),
        lambda page: page.replace(" - ", " – "),
    ],
    ids=["byte order mark", "CRLF", "CR", "empty lines", "hard spaces", "no last line end", "long dashes"],
)
def test_white_space_and_line_ends_make_no_difference(run, small, edit):
    assert run("import_catalogue", edit(SMALL_PAGE)).last == "created 0 changed 0 unchanged 4 odd 6"


def test_strange_lines_are_read_as_text_and_reported(run):
    page = SMALL_PAGE.replace("WHO does that.", "2026 was the year, 1103 of them.\nWrite to someone [at] example [dot] org.")
    odd = run("import_catalogue", page).odd()
    assert [line for line in odd if "1103" in line] == [
        "line 10: 1103 names no organization",
        "line 12: 1103 has an e-mail address in its public text",
    ]


def test_missing_sub_working_group_is_reported(run, small):
    page = SMALL_PAGE[: SMALL_PAGE.index("Sub-Working Group 2.2")] + SMALL_PAGE[SMALL_PAGE.index("-\nUnited") :]
    assert {"2206 is not on the page; it is kept", "Sub-Working Group 2.2 is not on the page"} <= set(
        run("import_catalogue", page).odd()
    )
    assert codes() == {"1101", "1103", "2206", "2206A"}


def test_relative_path_that_does_not_exist_is_one_sentence(run):
    with pytest.raises(Exception, match=r"no-such-page.txt cannot be read: No such file or directory."):
        run("import_catalogue", Path("no-such-page.txt"))
