"""What changed in the public catalogue: found however it was changed, told field by field, and shown only while it is public."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from initiatives import changes
from initiatives.api import InitiativeSerializer
from initiatives.changes import Difference
from initiatives.following import Followed
from initiatives.models import Change, Initiative, InitiativeOrganization, Organization, Snapshot, Term
from initiatives.news import News, Piece, entries
from initiatives.telling import Teller, label_of, parts_that_differ
from tests import factories
from tests.pages import words

pytestmark = pytest.mark.django_db


def recorded(**how):
    """Code, field, before and after of what was found now."""
    last = changes.last_number()
    changes.record(**how)
    return [(c.entry_id, c.field, c.old, c.new) for c in Change.objects.filter(pk__gt=last).order_by("pk")]


@pytest.fixture
def entry():
    unodc = factories.organization("unodc")
    made = factories.initiative("1103", lead=unodc, stage="proposed", terms=[factories.term("topic", "opioids")])
    changes.record()
    return made


# -- Recording -----------------------------------------------------------------------------------------------------------------


def test_first_run_records_all_and_tells_nothing():
    for code in ("1101", "1102"):
        factories.initiative(code)
    factories.initiative("1104", state="draft")

    assert recorded() == []
    assert list(Snapshot.objects.values_list("code", flat=True)) == ["1101", "1102"]


def test_second_run_finds_nothing_where_nothing_changed(entry):
    assert recorded() == []


def test_every_public_field_is_compared(entry):
    """Those of the API but the address of the page, the code by which it is known, and the time of the change itself."""
    assert set(changes.content_of(Initiative.objects.with_lists().get())) == set(InitiativeSerializer.Meta.fields) - {
        "code",
        "url",
        "updated_at",
    }
    for field in Snapshot.objects.get().content:
        assert label_of(field)


def test_saved_fields_are_found(entry):
    entry.title, entry.stage, entry.countries = "New title", "ongoing", ["KZ", "UZ"]
    entry.save()

    assert recorded(lately=True) == [
        ("1103", "title", "Title of 1103", "New title"),
        ("1103", "stage", "proposed", "ongoing"),
        ("1103", "countries", [], ["KZ", "UZ"]),
    ]


def test_lists_are_found_without_the_entry_being_saved(entry):
    entry.terms.add(factories.term("topic", "nps"))
    InitiativeOrganization.objects.update(role="partner")

    assert recorded() == [
        (
            "1103",
            "organizations",
            [{"slug": "unodc", "role": "lead", "basis": "confirmed"}],
            [{"slug": "unodc", "role": "partner", "basis": "confirmed"}],
        ),
        ("1103", "topic", ["opioids"], ["nps", "opioids"]),
    ]


def test_repair_by_sql_is_found(entry):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE initiatives_initiative SET scope = 'global', updated_at = now() - interval '1 year'")

    assert recorded(lately=True) == []
    assert recorded() == [("1103", "scope", "not_stated", "global")]


@pytest.mark.parametrize(
    "withdraw", [lambda: Initiative.objects.update(state="archived"), lambda: Initiative.objects.all().delete()]
)
def test_entry_that_goes_and_comes_back_is_told_with_what_changed_meanwhile(entry, withdraw):
    withdraw()
    assert recorded(lately=True) == [("1103", "publication", True, False)]
    assert recorded() == []

    Initiative.objects.all().delete()
    factories.initiative("1103", lead=factories.organization("unodc"), stage="completed", terms=list(Term.objects.all()))
    assert recorded() == [("1103", "publication", False, True), ("1103", "stage", "proposed", "completed")]


def test_draft_is_told_only_when_it_is_published(entry):
    draft = factories.initiative("1104", state="draft")
    assert recorded() == []

    draft.state = "published"
    draft.save()
    assert recorded() == [("1104", "publication", False, True)]


def test_other_names_and_another_order_of_the_vocabulary_are_no_change_of_an_entry(entry):
    entry.terms.add(factories.term("topic", "nps"))
    changes.record()
    Term.objects.update(position=F("pk") % 7, name="Another name")
    Organization.objects.update(name="Another name", acronym="AN")

    assert recorded() == []


def test_new_field_of_the_description_is_no_change_and_is_compared_from_then_on(entry):
    _forget_field("scope")
    assert recorded() == []

    Initiative.objects.update(scope="global")
    assert recorded() == [("1103", "scope", "not_stated", "global")]


def _forget_field(name):
    for snapshot in Snapshot.objects.all():
        del snapshot.content[name]
        snapshot.save()


# -- Between two moments ------------------------------------------------------------------------


def test_net_joins_changes_and_leaves_out_what_went_there_and_back(entry):
    for stage, title in [("ongoing", "First"), ("completed", "Second"), ("proposed", "Third")]:
        Initiative.objects.update(stage=stage, title=title)
        changes.record()

    assert Change.objects.count() == 6
    assert changes.net(after=0, upto=changes.last_number()) == {"1103": [Difference("title", "Title of 1103", "Third")]}


# -- In words ------------------------------------------------------------------------


def test_long_text_is_told_by_the_part_that_differs():
    old = " ".join(f"w{number}" for number in range(100))
    new = old.replace("w50", "changed")

    before, after = parts_that_differ(old, new)

    assert before == "… w42 w43 w44 w45 w46 w47 w48 w49 w50 w51 w52 w53 w54 w55 w56 w57 w58 …"
    assert after == before.replace("w50", "changed")


def test_changes_far_apart_in_a_long_text_are_told_without_what_stands_between():
    words_of = [f"w{number}" for number in range(500)]
    changed = ["first", *words_of[1:250], "middle", *words_of[251:]]

    before, after = parts_that_differ(" ".join(words_of), " ".join([*changed, "last"]))

    assert after == (
        "first w1 w2 w3 w4 w5 w6 w7 w8"
        " … w242 w243 w244 w245 w246 w247 w248 w249 middle w251 w252 w253 w254 w255 w256 w257 w258"
        " … w492 w493 w494 w495 w496 w497 w498 w499 last"
    )
    assert before == after.replace("first", "w0").replace("middle", "w250").removesuffix(" last")


def test_text_with_other_spaces_between_its_words_is_told_by_its_beginning():
    text = " ".join(f"w{number}" for number in range(100))
    before, after = parts_that_differ(text, text.replace("w50 ", "w50\n\n"))
    assert before == after == " ".join(f"w{number}" for number in range(30)) + " …"


@pytest.mark.parametrize(("old", "new"), [("a " * 50, "a " * 49), ("a b " * 30, "a b " * 31), ("", "x " * 99), ("x " * 99, "")])
def test_parts_of_repeating_texts_say_what_was_there_more(old, new):
    before, after = parts_that_differ(old, new)

    assert before != after
    assert len(after.split()) - len(before.split()) == len(new.split()) - len(old.split())


def test_names_are_looked_up_once_for_all_entries_of_a_digest(django_assert_num_queries):
    factories.term("topic", "opioids")
    changed = [Piece(code, code, differences=[Difference("topic", ["opioids"], [])]) for code in ("1103", "1104", "1105")]
    found = entries([News(Followed(""), after=0, came=[], changed=changed, gone=[], codes=[])])
    with django_assert_num_queries(1):  # terms
        assert [entry.told[0].old for entry in found] == ["Opioids"] * 3


def test_values_are_told_by_their_names(entry):
    told = Teller().tell("organizations", [], [{"slug": "unodc", "role": "lead", "basis": "inferred"}])
    assert (told.label, told.old, told.new) == ("Organizations", "", "UNODC (Lead; Inferred from its text)")
    told = Teller().tell("topic", ["opioids"], ["opioids", "gone"])
    assert (told.label, told.old, told.new) == ("Topic", "Opioids", "gone, Opioids")
    told = Teller().tell("summary", "One **word**", "One word")
    assert (told.old, told.new) == ("One **word**", "One word")


# -- The page ------------------------------------------------------------------------


def test_page_says_from_what_to_what(client, entry):
    Initiative.objects.update(stage="ongoing")
    changes.record()

    shown = words(client.get("/initiatives/changes/"))

    assert "1 change" in shown
    assert "1103 Title of 1103 Stage from Proposed to Ongoing" in shown


def test_page_can_begin_at_a_day(client, entry):
    Initiative.objects.update(stage="ongoing")
    changes.record()
    Change.objects.update(at=F("at") - timedelta(days=30))
    Initiative.objects.update(scope="global")
    changes.record()

    day = (Change.objects.latest("at").at - timedelta(days=1)).date()
    shown = words(client.get(f"/initiatives/changes/?since={day}"))

    assert "Scope from Not stated to Global" in shown
    assert "Stage from" not in shown


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("sub_working_group=1.1", {"1103"}),
        ("organization=who", {"2101"}),
        ("code=2101", {"2101"}),
        ("topic=opioids", {"1103"}),
        ("search=Title", {"1103", "2101"}),
    ],
)
def test_page_takes_the_filters_of_the_catalogue(client, entry, query, codes):
    factories.initiative("2101", lead=factories.organization("who"))
    changes.record()
    Initiative.objects.update(stage="ongoing")
    changes.record()

    html = client.get(f"/initiatives/changes/?{query}").content.decode()

    assert {code for code in ("1103", "2101") if f"<bdi>{code}</bdi>" in html} == codes


@pytest.mark.parametrize(
    ("query", "sent", "choices"),
    [
        ("code=1103", {"code": ["1103"]}, 0),
        ("search=Title&topic=opioids&topic=nps", {"search": ["Title"], "topic": ["nps", "opioids"]}, 2),
        ("organization=unodc", {}, 2),
    ],
)
def test_form_for_a_day_keeps_what_was_searched_and_filtered_for(client, entry, query, sent, choices):
    factories.term("topic", "nps")
    html = client.get(f"/initiatives/changes/?{query}").content.decode()
    form = re.search(r'<form class="gc-change-filter".*?</form>', html, re.DOTALL)[0]
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    assert {name: [value for other, value in hidden if other == name] for name, _value in hidden} == sent
    assert form.count("<select") == choices
    assert form.count(" selected") == ("organization" in query)


def test_withdrawn_entry_is_told_without_a_word_of_what_it_said(client, entry):
    Initiative.objects.update(summary="Canary Birdsong")
    changes.record()
    Initiative.objects.update(state="archived")
    changes.record()

    for query in ("", "?code=1103", "?sub_working_group=1.1", "?organization=unodc"):
        for path in ("/initiatives/changes/", "/initiatives/changes/feed.atom"):
            shown = client.get(path + query).content.decode()
            assert "Title of 1103" in shown
            assert "Birdsong" not in shown


def test_old_words_are_hidden_from_the_moment_of_withdrawal_before_any_run(client, entry):
    Initiative.objects.update(summary="Canary Birdsong")
    changes.record()
    Initiative.objects.update(state="archived")

    assert "Birdsong" not in client.get("/initiatives/changes/").content.decode()
