import threading

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Q

from initiatives.imports.classification import import_classification
from initiatives.imports.tables import CLASSIFICATION
from initiatives.models import Initiative, InitiativeOrganization, Organization, SearchDocument, Synonym, Term
from initiatives.search import index, pieces, search
from initiatives.search.parser import Piece, parse
from tests import factories

pytestmark = pytest.mark.django_db


def best_first(found):
    return found.documents.order_by(*found.best_first)


def codes(text: str) -> list[str]:
    return [found.code for found in best_first(search(text, SearchDocument.objects.published()))]


@pytest.fixture
def catalogue():
    incb = factories.organization("incb", name="International Narcotics Control Board", acronym="INCB", aliases=["OICS"])
    factories.initiative(
        "1107",
        title="Sharing of information through PICS",
        summary="A platform for precursor incidents and trafficking.",
        lead=incb,
        terms=[factories.term("audience", "customs", synonyms=["border officers"])],
    )
    factories.initiative("1113", title="Training of forensic laboratories", summary="Hands-on analysis of precursors.")
    factories.initiative("3106", title="Prevention in schools", summary="Prévention for the early years.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1107", ["1107"]),
        ("pics", ["1107"]),
        ("international narcotics", ["1107"]),
        ("OICS", ["1107"]),
        ("customs", ["1107"]),
        ("border officers", ["1107"]),
        ("forensic laboratory", ["1113"]),
        ("foren", ["1113"]),
        ("prevention early", ["3106"]),
        ("prévention", ["3106"]),
        ('"forensic laboratories"', ["1113"]),
        ('"laboratories forensic"', []),
    ],
)
def test_search_finds_code_title_organization_terms_and_text(catalogue, text, expected):
    assert codes(text) == expected


def test_search_of_many_entries_puts_titles_before_texts(catalogue, monkeypatch):
    monkeypatch.setattr("initiatives.search.ranking.MOST_RANKED", 0)
    factories.initiative("9999", title="Disposal of precursors", summary="Safe handling.")
    assert codes("precursors") == ["9999", "1107", "1113"]


def test_search_puts_title_before_text(catalogue):
    factories.initiative("1115", title="Disposal of precursors", summary="Safe handling.")
    assert codes("precursors")[0] == "1115"


def test_search_puts_the_code_itself_first(catalogue):
    factories.initiative("2101", title="1107 and 1107", summary="Much about 1107, 1107 and 1107.")
    assert codes("1107") == ["1107", "2101"]


def test_search_finds_the_number_without_its_letter():
    factories.initiative("2206A")
    assert codes("2206") == codes("2206a") == ["2206A"]


def test_search_without_words_finds_everything(catalogue):
    assert codes("  ?!") == ["1107", "1113", "3106"]


def test_search_never_finds_a_draft(catalogue):
    Initiative.objects.filter(code="1107").update(state=Initiative.State.DRAFT)
    assert codes("pics") == []


HOSTILE = [
    '"',
    "'",
    "\\",
    "\x00",
    "a\x00b",
    " ",
    "()",
    "&",
    "|",
    "!",
    "<->",
    ":*",
    "a:*",
    "'a",
    "a'b",
    "%",
    "_",
    "*",
    "\ud800",
    "é" * 5000,
]
HOSTILE += [
    '"a',
    'a"',
    '""',
    '" "',
    "a & | b",
    "foo:bar",
    "--",
    ";drop",
    "𝔸𝔹",
    "١١٠٧",
    "前体",
    "a" * 100_000,
    "the",
    '"the"',
    "x " * 500,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_search_is_safe_on_any_input(catalogue, text):
    assert isinstance(codes(text), list)


def test_parse_keeps_words_and_phrases_only():
    assert parse('customs "forensic labs" & (trai') == (
        Piece(("customs",)),
        Piece(("forensic", "labs"), is_quoted=True),
        Piece(("trai",), is_prefix=True),
    )


@pytest.mark.parametrize("text", ["labs to", '"forensic labs"'])
def test_parse_takes_no_short_word_and_no_phrase_for_a_beginning(text):
    assert not any(piece.is_prefix for piece in parse(text))


def test_snippets_mark_the_words_found(catalogue, django_assert_num_queries):
    found = search("precursor", SearchDocument.objects.published())
    initiatives = list(best_first(found))
    with django_assert_num_queries(1):
        snippets = found.snippets(initiatives)
    marked = {initiative.code: [text for text, hit in snippets[initiative.pk] if hit] for initiative in initiatives}
    assert marked == {"1107": ["precursor"], "1113": ["precursors"]}


def test_pieces_split_at_the_marks():
    assert pieces("a \x02hit\x03 b \x02c\x03") == [("a ", False), ("hit", True), (" b ", False), ("c", True)]
    assert pieces("broken \x02mark") == [("broken ", False), ("mark", False)]


def test_index_follows_every_change(catalogue):
    found = Initiative.objects.get(code="1107")
    found.summary = "Now about aviation."
    found.save()
    assert codes("aviation") == ["1107"]

    found.terms.add(factories.term("topic", "disposal"))
    assert codes("disposal") == ["1107"]
    found.terms.clear()
    assert codes("disposal") == []

    link = InitiativeOrganization.objects.create(initiative=found, organization=factories.organization("wco"), role="partner")
    assert codes("wco") == ["1107"]
    link.organization.aliases = ["OMD"]
    link.organization.save()
    assert codes("omd") == ["1107"]
    link.delete()
    assert codes("wco") == []


def test_index_follows_a_term_from_its_other_side(catalogue):
    term = factories.term("topic", "disposal")
    term.initiatives.add(Initiative.objects.get(code="1113"))
    term.synonyms = ["incineration"]
    term.save()
    assert codes("incineration") == ["1113"]


def test_facets_follow_the_numbers_of_the_groups(catalogue):
    group = Initiative.objects.get(code="3106").sub_working_group
    group.number = "3.9"
    group.save()
    group.working_group.number = 9
    group.working_group.save()
    tags = SearchDocument.objects.get(initiative__code="3106").facets
    assert {"sub_working_group:3.9", "working_group:9"} <= set(tags)


def test_rebuild_costs_the_same_queries_for_one_and_three(catalogue, django_assert_num_queries):
    # The lock, the initiatives, their organizations, their terms; one statement that writes; a savepoint and its release.
    for condition in (Q(code="1107"), Q()):
        with django_assert_num_queries(7):
            index.rebuild(condition)
    assert SearchDocument.objects.count() == 3


def test_titles_of_the_groups_find_nothing(catalogue):
    group = Initiative.objects.get(code="1107").sub_working_group
    group.title = group.working_group.title = "Clandestine overdose"
    group.save()
    group.working_group.save()
    index.rebuild()
    assert codes("overdose") == codes("clandestine") == []


def test_index_forgets_a_term_that_is_deleted(catalogue):
    Term.objects.get(slug="customs").delete()
    assert (codes("customs"), codes("border officers")) == ([], [])
    term = factories.term("topic", "disposal")
    term.initiatives.add(Initiative.objects.get(code="1113"))
    Term.objects.filter(pk=term.pk).delete()
    assert codes("disposal") == []


def test_index_forgets_an_organization_that_is_deleted_with_its_links(catalogue):
    incb = Organization.objects.get(slug="incb")
    incb.initiative_links.all().delete()
    incb.delete()
    assert codes("OICS") == []


@pytest.mark.django_db(transaction=True)
def test_initiative_is_deleted_with_its_links_and_its_row(catalogue):
    Initiative.objects.get(code="1107").delete()
    Initiative.objects.filter(code="1113").delete()
    assert list(SearchDocument.objects.values_list("initiative__code", flat=True)) == ["3106"]


@pytest.mark.django_db(transaction=True)
def test_index_waits_for_an_editor_and_keeps_what_the_editor_wrote(catalogue):
    """A term is saved while an editor's transaction is open: both changes are found afterwards."""
    entry = Initiative.objects.get(code="1107")
    term = Term.objects.get(slug="customs")
    term.synonyms = ["wardens"]

    def save_term():
        try:
            term.save()
        finally:
            connection.close()

    saving = threading.Thread(target=save_term, daemon=True)
    with transaction.atomic():
        entry.title = "Aviation"
        entry.save()
        saving.start()
        saving.join(0.5)
    saving.join(10)
    assert codes("aviation wardens") == ["1107"]


def test_load_catalogue_loads_everything_and_search_finds_it(db, capsys):
    call_command("load_catalogue")
    assert capsys.readouterr().out == "118 initiatives loaded\n"
    assert SearchDocument.objects.count() == 118
    assert codes("3105") == ["3105"]
    assert Initiative.objects.get(code="3105").trainings.count() == 1


def test_loaddata_leaves_no_entry_and_no_organization_out(tmp_path):
    initiative = factories.initiative("1107", title="Aviation", lead=factories.organization("incb"))
    # What an entry points to comes after it, as it may in a file.
    rows = [initiative, *InitiativeOrganization.objects.all(), *Organization.objects.all()]
    (tmp_path / "entry.json").write_text(serializers.serialize("json", rows))
    SearchDocument.objects.all().delete()
    call_command("loaddata", str(tmp_path / "entry.json"), verbosity=0)
    assert SearchDocument.objects.get(facets__fits="'organization:incb'").initiative == initiative
    assert codes("aviation") == ["1107"]


def test_load_catalogue_refuses_a_database_with_initiatives(catalogue):
    with pytest.raises(CommandError, match=r"^There are initiatives in this database already, so nothing was loaded\. [^.]+\.$"):
        call_command("load_catalogue")
    assert Initiative.objects.count() == 3


def test_load_catalogue_brings_the_synonyms_and_an_import_keeps_what_staff_edited(db):
    call_command("load_catalogue", verbosity=0)
    assert codes("sniffer dogs") == codes("perros detectores") == ["1209"]
    row = Synonym.objects.get(language="en", word="K9")
    row.finds = ["naloxone"]
    row.save()
    Synonym.objects.get(language="en", word="NPS").delete()
    report = import_classification(path=CLASSIFICATION)
    row.refresh_from_db()
    assert row.finds == ["naloxone"]
    assert "en/K9: finds differs from the file and is kept" in report.odd
    assert Synonym.objects.filter(language="en", word="NPS").exists()
