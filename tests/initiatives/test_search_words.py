"""Search in one's own words: synonyms that staff edit, other languages, misspelled words, and entries with most of the words."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from initiatives.models import Initiative, SearchDocument, SearchWord, Synonym
from initiatives.search import index, search
from initiatives.search.spelling import distance
from initiatives.search.wording import read
from tests import factories
from tests.initiatives.test_search import HOSTILE, best_first, codes

pytestmark = pytest.mark.django_db


def html(response):
    return response.content.decode()


@pytest.fixture
def catalogue():
    who = factories.organization("who", name="World Health Organization", acronym="WHO")
    pacific = factories.term("region", "pacific", countries=["FJ", "TO"])
    factories.initiative("1103", title="Control of precursor chemicals", summary="Training for the regulators of chemicals.")
    factories.initiative("1209", title="Canine Forces Component", summary="Trains K9 teams of customs.")
    factories.initiative("2118", title="Data in the Pacific", summary="Surveys of islands.", terms=[pacific])
    factories.initiative("3210", title="Stop Overdose Safely", summary="Take-home naloxone.", lead=who)
    index.rebuild()


# -- Synonyms ------------------------------------------------------------------------------------------------------------------


def test_synonym_finds_the_words_of_the_entries_in_every_form(catalogue):
    assert codes("sniffer dogs") == []
    factories.synonym("sniffer dogs", "canine", "K9", others=["drug dog"])
    assert codes("sniffer dogs") == codes("Sniffer dog") == codes("drug dogs customs") == ["1209"]


def test_synonym_without_finds_works_both_ways(catalogue):
    factories.synonym("canine", others=["hound unit"])
    assert codes("hound units") == codes("canine") == ["1209"]
    factories.initiative("1210", title="A hound unit")
    assert codes("canine") == ["1209", "1210"]


@pytest.mark.parametrize(
    ("language", "word", "finds", "typed"),
    [
        ("fr", "précurseurs", "precursor", "precurseur"),
        ("fr", "chiens renifleurs", "canine", "les chiens renifleurs"),
        ("es", "desvío de precursores", "precursor", "desvios de precursores"),
        ("ar", "السلائف", "precursor", "سلائف"),
        ("ar", "جرعة زائدة", "overdose", "الجرعة الزائدة"),
        ("ru", "прекурсоры", "precursor", "прекурсоров"),
        ("zh", "前体", "precursor", "前体"),
    ],
)
def test_word_of_another_language_finds_the_english_entry(catalogue, language, word, finds, typed):
    factories.synonym("les", language="fr", is_filler=True)
    factories.synonym(word, finds, language=language)
    assert codes(typed) == codes(finds) != []


def test_chinese_words_are_found_inside_a_sentence_without_spaces(catalogue):
    factories.synonym("纳洛酮", "naloxone", language="zh")
    factories.synonym("我们", language="zh", is_filler=True)
    assert codes("我们需要纳洛酮") == ["3210"]
    assert found("我们需要纳洛酮").left_out == ("需", "要")


def test_word_of_another_language_is_not_read_as_an_english_one(catalogue):
    factories.initiative("1101", title="Formation of networks")
    factories.synonym("formation", "training", language="fr")
    assert "1101" not in codes("formation")


def test_abbreviation_in_capitals_is_no_english_word(catalogue):
    factories.initiative("1101", title="Assistance to networks")
    factories.synonym("ASSIST", "naloxone")
    assert codes("ASSIST") == ["3210"]


def test_english_word_is_not_read_as_one_of_another_language(catalogue):
    factories.synonym("fille", "islands", language="fr")
    assert [unit.alternatives for unit in read("fill")] == [()]
    assert [unit.alternatives for unit in read("filles")] == [("islands",)]


def test_words_around_a_synonym_that_say_nothing_are_no_part_of_it(catalogue):
    factories.synonym("ARQ", "questionnaire")
    assert [(str(unit), unit.is_foreign) for unit in read("the ARQ")] == [("ARQ", True)]


def test_capitals_tell_a_country_from_a_word_that_says_nothing(catalogue):
    factories.synonym("us", language="fr", is_filler=True)
    factories.synonym("US", "islands")
    assert codes("help us naloxone")[0] == "3210"
    assert [str(unit) for unit in read("US naloxone")] == ["US", "naloxone"]
    assert [str(unit) for unit in read("us naloxone")] == ["naloxone"]


def test_words_of_another_language_are_not_taken_for_english_ones(catalogue):
    """“usées” has the stem of “use”."""
    factories.initiative("1101", title="Use, used and useful", summary="Of waters.")
    factories.initiative("2114", title="Trends", summary="From wastewater.")
    factories.synonym("eaux usées", "wastewater", "water", language="fr")
    assert codes("eaux usées") == ["2114", "1101"]


def test_synonym_in_quotes_is_taken_literally(catalogue):
    factories.synonym("hound", "canine")
    assert (codes("hound"), codes('"hound"')) == (["1209"], [])


def test_longest_synonym_wins(catalogue):
    factories.synonym("home", "data")
    factories.synonym("take home antidote", "naloxone")
    assert codes("take home antidote") == ["3210"]


def test_the_first_equivalent_counts_most(catalogue):
    factories.initiative("1104", title="Chemicals, chemicals", summary="And chemicals.")
    factories.synonym("sustancias", "precursor", "chemicals", language="es")
    assert codes("sustancias") == ["1103", "1104"]


def test_search_follows_every_change_of_a_synonym(catalogue):
    row = factories.synonym("hound", "canine")
    row.word, row.finds = "antidote", ["naloxone"]
    row.save()
    assert (codes("hound"), codes("antidote")) == ([], ["3210"])
    row.delete()
    assert codes("antidote") == []


def test_words_that_say_nothing_are_left_out_unless_there_are_no_others(catalogue):
    factories.synonym("get", others=["stop"], is_filler=True)
    assert codes("how can I get naloxone") == ["3210"]
    assert search("how can I get naloxone", SearchDocument.objects.published()).left_out == ()
    assert codes("stop") == ["3210"]


@pytest.mark.parametrize("text", ["WHO", "who", "WHO naloxone", "World Health"])
def test_organization_is_found_whose_name_says_nothing_in_english(catalogue, text):
    assert codes(text) == ["3210"]


def test_question_word_is_no_organization(catalogue):
    assert codes("who trains customs")[0] == "1209"
    assert found("who trains customs").any_complete


def test_country_finds_the_entries_of_its_region(catalogue):
    factories.synonym("Фиджи", "Fiji", language="ru")
    assert codes("Fiji") == codes("Фиджи") == ["2118"]


def test_snippet_marks_what_the_synonym_found(catalogue):
    factories.synonym("dogs", "K9")
    found = search("dogs", SearchDocument.objects.published())
    snippets = found.snippets(best_first(found))
    assert [text for snippet in snippets.values() for text, hit in snippet if hit] == ["K9"]


@pytest.mark.parametrize("text", HOSTILE)
def test_synonym_may_be_anything(catalogue, text):
    word = text.replace("\x00", "").replace("\ud800", "")[:100]
    factories.synonym("hound", word, "canine", others=[word], language="fr")
    assert codes("hound") == ["1209"]


def test_synonym_that_says_nothing_is_refused():
    with pytest.raises(ValidationError, match="Say what this word finds"):
        Synonym(word="hound").full_clean()
    with pytest.raises(ValidationError, match="no letter or digit"):
        Synonym(word="!?", finds=["canine"]).full_clean()
    for values in [{"word": "hound"}, {"word": "get", "is_filler": True, "finds": ["x"]}]:
        with transaction.atomic(), pytest.raises(IntegrityError):
            Synonym.objects.bulk_create([Synonym(language="en", **values), Synonym(language="en", **values)])


# -- Spelling ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("naloxnoe", "naloxone"),
        ("nalaxone", "naloxone"),
        ("precusror chemicals", "precursor chemicals"),
        ("DTAA", "data"),
        ("overd0se", ""),
        ("preccur", "precursor"),
        ("1104", ""),
        ('"nalaxone"', ""),
        ("naloxone", ""),
        ("zebra", ""),
        ("exactly data", ""),
        ("kemicals", "chemicals"),
    ],
)
def test_misspelled_word_is_corrected_only_where_it_finds_nothing(catalogue, text, corrected):
    assert search(text, SearchDocument.objects.published()).corrected == corrected


def test_misspelled_word_of_another_language_is_corrected(catalogue):
    factories.synonym("précurseurs", "precursor", language="fr")
    assert codes("precurrseurs") == ["1103"]


def test_spelling_never_tells_a_word_of_a_draft(catalogue):
    factories.initiative("1110", title="Operation Kingfisher", state="draft")
    index.rebuild()
    assert SearchWord.objects.filter(word="kingfisher").exists()
    assert search("kingfishre naloxone", SearchDocument.objects.published()).corrected == ""


def test_new_words_are_known_after_the_commit(catalogue, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        factories.initiative("1110", title="Kingfisher")
    assert search("kingfishre", SearchDocument.objects.published()).corrected == "kingfisher"


@pytest.mark.parametrize(("one", "other", "changes"), [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "abd", 1), ("abc", "", 3)])
def test_distance_counts_changes(one, other, changes):
    assert distance(one, other) == changes


# -- Fewer words ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(catalogue):
    """So many entries that one word finds a small part of them, and “survey” a large one."""
    for number in range(40, 50):
        factories.initiative(f"31{number}", title="Survey")


def found(text):
    return search(text, SearchDocument.objects.published())


@pytest.mark.parametrize(
    ("text", "expected", "left_out"),
    [
        ("naloxone overdose", ["3210"], ()),
        ("naloxone zebra", ["3210"], ("zebra",)),
        ("zebra naloxone quixotic", ["3210"], ("zebra", "quixotic")),
        ('naloxone "zebra crossing"', ["3210"], ('"zebra crossing"',)),
        ("zebra quixotic", [], ()),
    ],
)
def test_words_that_no_entry_has_are_left_out_and_named(catalogue, text, expected, left_out):
    assert (codes(text), found(text).left_out) == (expected, left_out)


def test_rare_words_tell_more_than_usual_ones(many):
    assert codes("survey overdose") == ["3210"]
    assert codes("survey overdose precursor") == ["1103", "3210"]


def test_what_is_looked_for_counts_more_than_where(many):
    factories.initiative("1301", title="Atlantis")
    factories.initiative("1302", title="Naltrexone")
    assert codes("Atlantis naltrexone") == ["1301", "1302"]
    factories.synonym("Atlantis", is_place=True, others=["sunken island"])
    assert codes("Atlantis naltrexone") == ["1302", "1301"]


def test_word_of_every_day_counts_less_than_one_of_the_vocabulary(many):
    factories.initiative("1301", title="Everything known")
    factories.initiative("1302", title="Naltrexone")
    assert codes("known naltrexone") == ["1302", "1301"]
    factories.synonym("known", "known")
    assert codes("known naltrexone") == ["1301", "1302"]


def test_word_tells_by_how_many_entries_say_it_not_by_what_is_near_in_meaning(many):
    factories.initiative("1301", title="Data")
    factories.synonym("hound", "canine", "survey")
    assert codes("hound data")[0] == "1209"


@pytest.mark.parametrize(
    ("text", "is_complete", "any_complete"),
    [("customs K9", True, True), ("customs K9 naloxone zebra", False, False), ("chemicals training customs", False, False)],
)
def test_search_tells_whether_entries_have_all_the_words(many, text, is_complete, any_complete):
    assert (found(text).is_complete, found(text).any_complete) == (is_complete, any_complete)


def test_entries_that_fit_best_come_where_few_have_all_the_words(many):
    factories.initiative("3299", title="Survey of overdose")
    assert codes("overdose survey") == ["3299", "3210"]
    assert found("overdose survey").hits == 2


def test_words_that_many_entries_have_bring_no_more_than_fit_best(catalogue):
    for number in range(40, 80):
        factories.initiative(f"31{number}", title="Survey")
    assert len(codes("survey zebra")) == found("survey zebra").hits == 20


def test_rare_words_that_never_meet_find_their_entries(catalogue):
    assert set(codes("Fiji K9 naloxone precursor")) == {"1103", "1209", "2118", "3210"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1103 1209", ["1103", "1209"]),
        ("1103 1209 2118 3210", ["1103", "1209", "2118", "3210"]),
        ("32.10", ["3210"]),
        ("32-10", ["3210"]),
        ("٣٢١٠", ["3210"]),
    ],
)
def test_codes_are_found_however_they_are_typed(catalogue, text, expected):
    assert codes(text) == expected


def test_group_is_found_by_its_number(catalogue):
    number = Initiative.objects.get(code="1103").sub_working_group.number
    assert "1103" in codes(number)


def test_code_comes_first_among_other_words(many):
    assert codes("2118 islands")[0] == "2118"
    assert codes("2118 naloxone precursor")[0] == "2118"
    assert codes("2118 overdose naloxone") == ["2118", "3210"]


# -- On the page and in the API ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["naloxone", "nalaxone", "customs K9 naloxone", "zebra", "sniffer", "WHO"])
def test_page_and_api_find_the_same(client, catalogue, text):
    factories.synonym("sniffer", "canine")
    page = client.get("/initiatives/", {"search": text}).context["page"]
    found = client.get("/api/v1/initiatives/", {"search": text}).json()
    assert set(found) == {"count", "next", "previous", "results"}
    assert [result.initiative.code for result in page.object_list] == [entry["code"] for entry in found["results"]]


def test_page_says_what_was_searched_instead_and_links_to_the_words_as_typed(client, catalogue):
    page = html(client.get("/initiatives/?search=nalaxone&ordering=code"))
    assert "Showing results for <strong>naloxone</strong>." in page
    assert '<a href="?search=%22nalaxone%22&amp;ordering=code">Search instead for nalaxone</a>' in page
    literally = html(client.get("/initiatives/?search=%22nalaxone%22&ordering=code"))
    assert "No initiative has this word" in literally
    assert "Showing results for" not in literally


def test_page_says_which_words_were_left_out(client, many):
    told = "No entry has all of these words."
    page = html(client.get("/initiatives/?search=naloxone+zebra<b>"))
    assert told in page
    assert 'Left out: <strong dir="auto">zebra</strong> · <strong dir="auto">b</strong>' in page
    assert told not in html(client.get("/initiatives/?search=naloxone"))


def test_page_says_that_few_entries_have_all_the_words(client, many):
    factories.initiative("3299", title="Survey of overdose")
    told = "Few entries have all of these words, so those with most of them are shown too."
    assert told in html(client.get("/initiatives/?search=overdose+survey"))
    assert told not in html(client.get("/initiatives/?search=overdose"))


@pytest.mark.parametrize(("text", "is_told"), [("???", True), ("---", True), ("zebra", False), ("the", False), ("", False)])
def test_page_says_that_there_was_no_word_to_search_for(client, catalogue, text, is_told):
    page = html(client.get("/initiatives/", {"search": text}))
    assert (f'<strong dir="auto">{text}</strong> has no word to search for, so it was left out.' in page) == is_told


def test_page_escapes_what_was_typed(client, catalogue):
    page = html(client.get("/initiatives/", {"search": "nalaxone<b>"}))
    assert "Search instead for nalaxone&lt;b&gt;" in page


# -- Staff ---------------------------------------------------------------------------------------------------------------------


def test_editor_adds_a_synonym(admin_client, catalogue):
    values = {"language": "en", "word": "hound", "others": "sniffer dog\r\nbloodhound", "finds": "canine"}
    response = admin_client.post(reverse("admin:initiatives_synonym_add"), values)
    assert response.status_code == 302
    assert codes("bloodhounds") == codes("sniffer dogs") == ["1209"]
