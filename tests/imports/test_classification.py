import pytest

from initiatives.imports import tables
from initiatives.models import Initiative, Organization, Term
from tests import factories

HEADER = "code,field,value,basis,words,note"
TABLE = f"""\
{HEADER}
1103,lead,unodc,stated,UNODC trains police,
1103,partner,who,inferred,with WHO,why
1103,support,training,,"trains police, and customs",
1103,audience,law-enforcement,,police,
1103,audience,customs,,customs,
1103,topic,trafficking,,Title of 1103,
1103,region,africa,,in Kenya,
1103,scope,national,,in Kenya,
1103,stage,not-stated,,,
1103,language,fr,,en français,
1103,country,KE,,in Kenya,
"""


@pytest.fixture
def entry(db):
    return factories.initiative("1103", summary="UNODC trains police,  and customs\n\nin Kenya, with WHO, en français.")


@pytest.fixture
def classified(run, entry):
    outcome = run("import_classification", TABLE)
    assert outcome.errors == []
    entry.refresh_from_db()
    return outcome


@pytest.fixture
def vocabulary(tmp_path, monkeypatch):
    path = tmp_path / "vocabulary.csv"
    monkeypatch.setattr(tables, "VOCABULARY", path)
    return path


def links(entry):
    rows = entry.organization_links.select_related("organization")
    return [(row.role, row.organization.slug, row.basis, row.words, row.position) for row in rows]


def terms(entry):
    return {f"{term.facet}/{term.slug}" for term in entry.terms.all()}


def test_every_field_is_loaded(entry, classified):
    assert classified.last == "created 0 changed 1 unchanged 0 odd 0"
    assert links(entry) == [("lead", "unodc", "stated", "UNODC trains police", 0), ("partner", "who", "inferred", "with WHO", 1)]
    assert terms(entry) == {
        "support/training", "audience/law-enforcement", "audience/customs", "topic/trafficking", "region/africa",
    }  # fmt: skip
    assert (entry.scope, entry.stage, entry.languages, entry.countries) == ("national", "not_stated", ["fr"], ["KE"])


def test_second_run_changes_nothing(run, classified, snapshot):
    before = snapshot()
    assert run("import_classification", TABLE).last == "created 0 changed 0 unchanged 1 odd 0"
    assert snapshot() == before


def test_change_moves_the_date_and_is_reported(run, entry, classified):
    outcome = run("import_classification", TABLE.replace("partner,who,inferred", "mentioned,who,stated"))
    assert outcome.lines == [
        (
            "changed: line 2: 1103 organizations: “… “UNODC trains police”; partner who inferred “with WHO”;”"
            " -> “… “UNODC trains police”; mentioned who stated “with WHO”;”"
        ),
        "created 0 changed 1 unchanged 0 odd 0",
    ]
    before = entry.updated_at
    entry.refresh_from_db()
    assert entry.updated_at > before
    assert links(entry)[1][:3] == ("mentioned", "who", "stated")


@pytest.mark.parametrize("field", ["organizations", "terms", "scope", "stage", "languages", "countries"])
def test_curated_field_is_kept_and_reported(run, entry, field):
    entry.curate({field})
    entry.save()
    outcome = run("import_classification", TABLE.replace("stage,not-stated,,,", "stage,ongoing,,trains,"))
    entry.refresh_from_db()
    kept = {
        "organizations": links(entry) == [],
        "terms": terms(entry) == set(),
        "scope": entry.scope == "not_stated",
        "stage": entry.stage == "not_stated",
        "languages": entry.languages == [],
        "countries": entry.countries == [],
    }
    assert [name for name, is_kept in kept.items() if is_kept] == [field]
    [odd] = outcome.odd()
    assert odd.startswith(f"line 2: 1103 {field} was edited by staff and is kept; staff -> source: “")


def test_entry_without_rows_is_reported(run, classified):
    factories.initiative("1104")
    assert run("import_classification", TABLE).odd() == ["1104 is not classified yet"]


def test_rewritten_text_needs_no_words_of_the_source(run, entry, classified):
    entry.summary = "Rewritten."
    entry.curate({"summary"})
    entry.save()
    assert run("import_classification", TABLE).last == "created 0 changed 0 unchanged 1 odd 0"


def test_vocabulary_and_organizations_of_staff_are_kept(run, classified):
    Term.objects.filter(slug="nps").update(name="Novel drugs")
    Organization.objects.filter(slug="icao").update(website="https://example.org")
    assert run("import_classification", TABLE).odd() == [
        "icao: website differs from the file and is kept",
        "topic/nps: name differs from the file and is kept",
    ]
    assert Term.objects.get(slug="nps").name == "Novel drugs"


def replaced(old, new):
    assert TABLE.count(old) == 1
    return TABLE.replace(old, new)


BASIS = "The basis of an organization is stated or inferred; every other row leaves it empty."
WORDS = "Copy the words of the text that show it. Only not-stated has none."
MISTAKES = {
    "only the names of the columns": (f"{HEADER}\n\n", ["line 2: page.txt: There are no rows below the first line. Add one."]),
    "empty file": ("", [f"line 1: page.txt: The first line must name the columns: {HEADER}"]),
    "other columns": (TABLE.replace("note", "notes"), [f"line 1: page.txt: The first line must name the columns: {HEADER}"]),
    "comma without quotes": (
        replaced('"trains police, and customs"', "trains police, and customs"),
        ["line 4: page.txt: 7 cells instead of 6. A cell with a comma needs quotes."],
    ),
    "quote not closed": (
        replaced('"trains police, and customs"', '"trains police'),
        ["line 4: page.txt: This is no CSV: unexpected end of data. Look for a quote that is not closed."],
    ),
    "unknown code": (
        TABLE + "1199,scope,global,,Kenya,\n",
        [
            "line 13: There is no initiative 1199. Correct the code or import the catalogue page first.",
            "line 13: 1199 has no row for lead. Add one, if need be with the value not-stated.",
            "line 13: 1199 has no row for support. Add one, if need be with the value not-stated.",
            "line 13: 1199 has no row for audience. Add one, if need be with the value not-stated.",
            "line 13: 1199 has no row for topic. Add one, if need be with the value not-stated.",
            "line 13: 1199 has no row for stage. Add one, if need be with the value not-stated.",
        ],
    ),
    "unknown field": (
        replaced("country,KE", "land,KE"),
        [
            (
                "line 12: There is no field “land”. Write one of lead, partner, mentioned, support, audience, topic, region,"
                " scope, stage, language, country."
            ),
        ],
    ),
    "unknown organization": (
        replaced("partner,who", "partner,whom"),
        ["line 3: “whom” is no value of partner. Write the slug of a row in organizations.csv, or add one there."],
    ),
    "unknown term": (
        replaced("customs,,customs", "custom,,customs"),
        ["line 6: “custom” is no value of audience. Write a slug of vocabulary.csv."],
    ),
    "unknown scope": (
        replaced("scope,national", "scope,local"),
        ["line 9: “local” is no value of scope. See docs/classification.md."],
    ),
    "unknown language": (
        replaced("language,fr", "language,xx"),
        ["line 11: “xx” is no value of language. See docs/classification.md."],
    ),
    "unknown country": (
        replaced("country,KE", "country,XX"),
        ["line 12: “XX” is no value of country. See docs/classification.md."],
    ),
    "partner not stated": (
        replaced("partner,who,inferred,with WHO", "partner,not-stated,,"),
        ["line 3: “not-stated” is no value of partner. Write the slug of a row in organizations.csv, or add one there."],
    ),
    "organization without basis": (replaced("who,inferred", "who,"), [f"line 3: {BASIS}"]),
    "basis that only staff give": (replaced("who,inferred", "who,confirmed"), [f"line 3: {BASIS}"]),
    "basis of a term": (replaced("customs,,customs", "customs,stated,customs"), [f"line 6: {BASIS}"]),
    "no words": (replaced("KE,,in Kenya", "KE,,"), [f"line 12: {WORDS}"]),
    "words for not-stated": (replaced("stage,not-stated,,", "stage,not-stated,,police"), [f"line 10: {WORDS}"]),
    "words that are not there": (
        replaced("KE,,in Kenya", "KE,,in Kenia"),
        ["line 12: “in Kenia” is not in the title or text of 1103. Copy the words letter by letter."],
    ),
    "too many words": (
        replaced("KE,,in Kenya", f"KE,,{'word ' * 101}"),
        ["line 12: The words have more than 500 characters. About 20 words are enough."],
    ),
    "missing field": (
        replaced("1103,topic,trafficking,,Title of 1103,\n", ""),
        ["line 2: 1103 has no row for topic. Add one, if need be with the value not-stated."],
    ),
    "two scopes": (TABLE + "1103,scope,global,,Kenya,\n", ["line 13: 1103 can have only one value for scope. Remove a row."]),
    "stated and not stated": (
        TABLE + "1103,topic,not-stated,,,\n",
        ["line 13: 1103 can have only either not-stated or other values, not both for topic. Remove a row."],
    ),
    "same row twice": (
        TABLE + "1103,topic,trafficking,,police,\n",
        ["line 13: 1103 has trafficking as topic already. Remove a row."],
    ),
    "organization in two roles": (
        TABLE + "1103,mentioned,who,stated,with WHO,\n",
        ["line 13: 1103 has who as organization already. Remove a row."],
    ),
}


@pytest.mark.parametrize(("table", "errors"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_changes_nothing(run, classified, snapshot, table, errors):
    before = snapshot()
    outcome = run("import_classification", table)
    assert (outcome.code, outcome.lines, outcome.errors) == (1, [], errors)
    assert snapshot() == before


def test_mistake_leaves_no_half_of_the_tables(run, entry, snapshot):
    before = snapshot()
    assert run("import_classification", replaced("KE,,in Kenya", "KE,,in Kenia")).code == 1
    assert snapshot() == before


def test_line_numbers_count_line_breaks_inside_cells(run, entry):
    table = replaced('"trains police, and customs"', '"trains\npolice, and customs"').replace("country,KE", "country,XX")
    assert run("import_classification", table).errors == ["line 13: “XX” is no value of country. See docs/classification.md."]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("topic,nps,NPS,,", "topic/nps is there twice. Remove one row."),
        ("subject,x,X,,", "facet: Value 'subject' is not a valid choice."),
        ("topic,x,,,", "name: This field cannot be blank."),
        ("topic,x,X,,KE", "KE: only a region has countries, by their two-letter codes."),
        ("region,x,X,,KE XX", "XX: only a region has countries, by their two-letter codes."),
    ],
)
def test_mistake_in_the_vocabulary_is_refused(run, entry, vocabulary, row, sentence):
    vocabulary.write_text(f"facet,slug,name,synonyms,countries\ntopic,nps,NPS,,\n{row}\n", encoding="utf-8")
    outcome = run("import_classification", TABLE)
    assert (outcome.code, outcome.errors) == (1, [f"line 3: vocabulary.csv: {sentence}"])
    assert not Term.objects.exists()


def test_texts_of_every_section_count_as_the_source(run, entry):
    Initiative.objects.update(background="Held in Nairobi.")
    assert run("import_classification", replaced("KE,,in Kenya", "KE,,Held in Nairobi")).errors == []


def test_unknown_kind_of_a_synonym_is_refused(run, entry, tmp_path, monkeypatch):
    path = tmp_path / "synonyms.csv"
    path.write_text("language,word,others,finds,kind\nen,Fiji,,,place\nen,Tonga,,,land\n", encoding="utf-8")
    monkeypatch.setattr(tables, "SYNONYMS", [path])
    outcome = run("import_classification", TABLE)
    assert (outcome.code, outcome.errors) == (1, ["line 3: synonyms.csv: land: the kind is filler, place or empty."])
