"""The pages of the countries: what the sources say, what is open, and nothing that they do not say."""

import re
from collections import Counter

import pytest
from django.http import QueryDict
from django.utils import translation
from django_countries import countries as iso

from initiatives.catalogue import Catalogue
from initiatives.countries import by_group, conditions, find, named_exactly, own_words
from initiatives.models import Initiative, Synonym, Term
from initiatives.search import index
from tests import factories
from tests.pages import Structure, words
from tests.site.conftest import verified_expression
from trainings.models import Training, TrainingInitiative

pytestmark = pytest.mark.django_db


def html(response) -> str:
    return response.content.decode()


def names(text: str) -> list[str]:
    return [country.code for country in find(text)]


@pytest.fixture
def asia(db):
    region = factories.term("region", "central-asia", name="Central Asia", countries=["KZ", "IR"])
    factories.initiative("1101", countries=["KZ"], scope="national")
    factories.initiative("1102", countries=["KZ"], state="draft")
    factories.initiative("1201", terms=[region], scope="regional")
    factories.initiative("2101", scope="global")
    factories.initiative("2102")
    factories.initiative("3101", countries=["MX"], scope="national")
    webinar = factories.training("webinar", country="KZ", participants=30)
    TrainingInitiative.objects.create(training=webinar, initiative=Initiative.objects.get(code="2102"))
    factories.training("draft", country="KZ", state="draft")
    factories.training("tehran", country="IR")


# -- One country -----------------------------------------------------------------------------------------------------------------


def figures(response) -> list[str]:
    return re.findall(r"<dd>(\d+)</dd>", re.search(r'<dl class="gc-figures">.*?</dl>', html(response), re.DOTALL)[0])


def rows(response) -> dict[str, list[str]]:
    """By number of the group: takes part, trainings, open, not said where."""
    table = re.search(r'<table class="[^"]*gc-table--groups.*?</table>', html(response), re.DOTALL)[0]
    found = {}
    for row in table.split("<tr")[2:]:
        number = re.search(r'<bdi class="gc-code">([\d.]+)</bdi>', row)[1]
        found[number] = re.findall(r'<td class="gc-number" data-label="[^"]*">(?:<a [^>]*>)?(\d+)', row)
    return found


def test_country_shows_what_is_known_and_what_is_open(client, asia):
    page = client.get("/countries/kz/")
    assert figures(page) == ["3", "1", "1", "1", "30"]
    assert rows(page) == {
        "1.1": ["1", "0", "1", "0"],
        "1.2": ["0", "0", "1", "0"],
        "2.1": ["0", "1", "1", "1"],
        "3.1": ["0", "0", "0", "0"],
    }
    open_to_it, _details, apart = html(page).partition('id="perhaps"')
    assert re.findall(r'name="add" value="(\w+)"', open_to_it) == ["1101", "1201", "2101"]
    assert re.findall(r'name="add" value="(\w+)"', apart) == ["2102"]
    assert "it has nothing yet in 2 sub-working groups" in words(page)
    assert words(page).count("Nothing yet") == 2
    assert Structure(html(page)).faults == []


def test_drafts_are_on_no_page_of_a_country(client, asia):
    page = words(client.get("/countries/kz/"))
    assert "1102" not in page
    assert "Training draft" not in page


def test_country_of_which_nothing_is_known_still_has_what_is_open(client, asia):
    page = client.get("/countries/fr/")
    assert figures(page) == ["1", "1", "0", "0"]
    assert "No text names this country as taking part" in words(page)
    assert "No training was reported for this country yet" in words(page)
    assert 'href="/initiatives/?country=FR&amp;support=training"' in html(page)


def by_hand(code: str, entries: list[Initiative]) -> dict[str, Counter]:
    """Numbers of entries by group, read one by one as design §4 says it."""
    found = {"taking_part": Counter(), "open": Counter(), "perhaps_open": Counter()}
    for entry in entries:
        group = entry.sub_working_group.number
        regions = {member for term in entry.terms.all() if term.facet == "region" for member in term.countries}
        found["taking_part"][group] += code in entry.countries
        if code in entry.countries or entry.scope == "global" or (entry.scope != "national" and code in regions):
            found["open"][group] += 1
        elif entry.scope == "not_stated":
            found["perhaps_open"][group] += 1
    return found


def test_numbers_equal_the_catalogue_and_a_count_by_hand(client, catalogue):
    published = Initiative.objects.filter(state="published").select_related("sub_working_group").prefetch_related("terms")
    entries = list(published)
    for code in ["KZ", "IR", "MX", "LA", "FR", "KE", "EC", "TJ", "FJ"]:
        page = client.get(f"/countries/{code.lower()}/")
        listed = by_hand(code, entries)["taking_part"]
        expected = {name: dict(+numbers) for name, numbers in by_hand(code, entries).items()}
        assert by_group(conditions(code, Term.objects.regions_of(code))) == expected, code
        for number, (named, _held, opened, perhaps) in rows(page).items():
            shown = Catalogue(QueryDict(f"country={code}&sub_working_group={number}"))
            counted = [listed[number], shown.results.count(), shown.perhaps_open_count]
            assert [int(named), int(opened), int(perhaps)] == counted, (code, number)
        assert figures(page)[3] == str(Training.objects.filter(state="published", country=code).count())


def test_every_number_of_a_group_leads_to_what_it_counts(client, asia):
    factories.initiative("1202")
    page = html(client.get("/countries/kz/"))
    row = next(row for row in page.split("<tr") if ">1.2</bdi>" in row)
    assert re.findall(r'<td [^>]*><a href="([^"]+)">(\d+)', row) == [
        ("/initiatives/?country=KZ&amp;sub_working_group=1.2", "1"),
        ("/initiatives/?country=KZ&amp;sub_working_group=1.2#apart", "1"),
    ]
    row = next(row for row in page.split("<tr") if ">1.1</bdi>" in row)
    assert re.findall(r'<td [^>]*><a href="([^"]+)">(\d+)', row)[0] == ("#taking-part", "1")


def test_page_says_why_an_entry_is_open(client, asia):
    page = html(client.get("/countries/kz/")).partition('id="perhaps"')[0]
    why = re.findall(r'<li id="initiative-(\w+)".*?</a>(?: <span class="gc-tag">([^<]+)</span>)?</span>', page, re.DOTALL)
    assert why == [("1101", "Names the country"), ("1201", "For its region"), ("2101", "")]


def test_page_can_be_taken_along_and_followed(client, asia):
    page = html(client.get("/countries/kz/"))
    for address in [
        "/initiatives/briefing/?country=KZ",
        "/initiatives/export.csv?country=KZ",
        "/initiatives/feed.atom?country=KZ",
        "/interest/subscribe/?country=KZ",
    ]:
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200


def test_other_pages_lead_to_the_countries_that_they_name(client, asia):
    for address in ["/initiatives/1101/", "/trainings/webinar/", "/trainings/?country=KZ", "/initiatives/?country=KZ"]:
        assert 'href="/countries/kz/"' in html(client.get(address)), address


def test_long_lists_of_trainings_lead_to_all_of_them(client):
    for number in range(25):
        factories.training(f"t{number}", country="KZ")
    page = client.get("/countries/kz/")
    assert "These are the newest 24. All its trainings" in words(page)
    assert 'href="/trainings/?country=KZ"' in html(page)


def test_interest_is_not_participation(client, asia):
    before = words(client.get("/countries/kz/")), words(client.get("/countries/"))
    verified_expression(codes=["1201", "2101"])
    assert (words(client.get("/countries/kz/")), words(client.get("/countries/"))) == before


def test_own_words_are_shown_only_where_the_entry_lists_the_country(client):
    said = "Kazakhstan and Niger run it. Nigeria does not."
    entry = factories.initiative("1101", countries=["KZ", "NE"], state_participation=said)
    factories.initiative("1102", countries=["KZ"], state_participation="More than 60 countries.")
    factories.initiative("1103", state_participation="Unlike Kazakhstan.")
    assert [own_words(entry, code) for code in ["KZ", "NE", "NG"]] == [said, said, ""]
    page = html(client.get("/countries/kz/"))
    assert re.findall(r"<blockquote[^>]*><p>(.*?)</p>", page) == [said]
    assert "1103" not in page[page.index('id="taking-part"') : page.index('id="trainings"')]


def test_a_training_of_two_entries_in_a_group_counts_once(client):
    training = factories.training("webinar", country="KZ", participants=5)
    for code, state in [("1101", "published"), ("1102", "published"), ("1201", "published"), ("2101", "draft")]:
        TrainingInitiative.objects.create(training=training, initiative=factories.initiative(code, state=state))
    page = client.get("/countries/kz/")
    assert {number: row[1] for number, row in rows(page).items()} == {"1.1": "1", "1.2": "1", "2.1": "0"}
    assert figures(page)[3:] == ["1", "5"]
    assert "count in no group" not in words(page)


def test_trainings_without_an_initiative_are_told_apart(client, asia):
    factories.training("alone", country="KZ")
    hidden = factories.training("of-a-draft", country="KZ")
    TrainingInitiative.objects.create(training=hidden, initiative=Initiative.objects.get(code="1102"))
    assert "For 2 trainings held there, the sources do not say to which initiative they belong" in words(
        client.get("/countries/kz/")
    )


def test_long_lists_lead_to_the_catalogue(client):
    for number in range(12):
        factories.initiative(str(1101 + number), scope="global")
        factories.initiative(str(1201 + number))
    page = client.get("/countries/kz/")
    assert "All 12 initiatives open to it in 1.1" in words(page)
    assert "All 12 initiatives in 1.2 that do not say where" in words(page)
    assert len(re.findall(r'<li id="initiative-', html(page).partition('id="perhaps"')[0])) == 8


def test_capitals_lead_to_the_page_of_the_country(client):
    response = client.get("/countries/KZ/")
    assert (response.status_code, response["Location"]) == (301, "/countries/kz/")


@pytest.mark.parametrize(("code", "meant"), [("xx", []), ("kazakhstan", ["/countries/kz/"]), ("kaz", ["/countries/kz/"])])
def test_an_unknown_code_says_what_to_do(client, code, meant):
    page = client.get(f"/countries/{code}/")
    assert page.status_code == 404
    assert f"The address ends with “{code}”" in words(page)
    assert 'href="/countries/">Find a country by its name' in html(page)
    assert re.findall(r'<li><a href="(/countries/\w+/)"', html(page))[: len(meant)] == meant


def test_names_are_those_of_the_readers_language(client):
    with translation.override("fr"):
        assert iso.name("LA") == "République démocratique populaire lao"
        assert names("République démocratique populaire lao") == ["LA"]
        assert names("Lao People's Democratic Republic") == ["LA"]


# -- All countries ---------------------------------------------------------------------------------------------------------------


def test_index_lists_only_countries_with_something(client, asia):
    page = client.get("/countries/")
    assert re.findall(r'<th scope="row"><a href="(/countries/\w+/)">([^<]+)', html(page)) == [
        ("/countries/ir/", "Iran (Islamic Republic of)"),
        ("/countries/kz/", "Kazakhstan"),
        ("/countries/mx/", "Mexico"),
    ]
    text = words(page)
    assert "Kazakhstan 1 1 30" in text
    assert "Iran (Islamic Republic of) 0 1 not stated" in text
    assert "3 countries of which the sources tell something" in text
    assert text.index("Central Asia") < text.index("Kazakhstan 1") < text.index("In none of the regions") < text.index("Mexico 1")
    assert Structure(html(page)).faults == []


def test_index_equals_a_count_by_hand(client, catalogue):
    entries, trainings = Counter(), Counter()
    for entry in Initiative.objects.filter(state="published"):
        entries.update(entry.countries)
    for training in Training.objects.filter(state="published"):
        trainings[training.country.code] += 1
    listed = re.findall(
        r'<th scope="row"><a href="/countries/(\w+)/".*?>(\d+)</td>.*?>(\d+)</td>', html(client.get("/countries/")), re.DOTALL
    )
    expected = {(code.lower(), str(entries[code]), str(trainings[code])) for code in entries | trainings}
    assert set(listed) == expected
    assert len(expected) == 11


# -- Finding one -----------------------------------------------------------------------------------------------------------------


CALLED = {
    "Kazakhstan": "kz",
    "kazak": "kz",
    "KZ": "kz",
    "Laos": "la",
    "lao pdr": "la",
    "Republic of Korea": "kr",
    "Cote d'Ivoire": "ci",
    "UK": "gb",
    "Niger": "ne",
    "Kazahstan": "kz",
    "Казахстан": "kz",
    "哈萨克斯坦": "kz",
    "North Korea": "kp",
}


def test_a_country_is_found_by_what_people_call_it(client):
    factories.synonym("Laos", "Lao People's Democratic Republic", "Lao PDR", others=["Lao PDR"])
    factories.synonym("North Korea", "Korea", others=["Democratic People's Republic of Korea"])
    factories.synonym("UK", "United Kingdom of Great Britain and Northern Ireland")
    factories.synonym("Казахстан", "Kazakhstan", language="ru")
    led = {typed: client.get("/countries/", {"search": typed}).get("Location") for typed in CALLED}
    assert led == {typed: f"/countries/{code}/" for typed, code in CALLED.items()}


# With the vocabulary of search that a new installation has.
KNOWN = {
    "Swaziland": ["SZ"],
    "Burma": ["MM"],
    "Ivory Coast": ["CI"],
    "Cape Verde": ["CV"],
    "Turkey": ["TR"],
    "Turkiye": ["TR"],
    "Laos": ["LA"],
    "Upper Volta": ["BF"],
    "South Korea": ["KR"],
    "North Korea": ["KP"],
    "Korea": ["KP", "KR"],
    "DR Congo": ["CD"],
    "Congo": ["CG", "CD"],
    "Guinea": ["GN"],
    "Palestine": ["PS"],
    "Taiwan": ["TW"],
    "Vatican": ["VA"],
    "Hong Kong": ["HK"],
    "Tanzania": ["TZ"],
    "Moldova": ["MD"],
    "Korea (the Republic of)": ["KR"],
    "Nauru": ["NR"],
    "Naoero": ["NR"],
    "Équateur": ["EC"],
    "Fidji": ["FJ"],
    "Quênia": ["KE"],
    "كينيا": ["KE"],
    "Таджикистан": ["TJ"],
    "肯尼亚": ["KE"],
    "香港": ["HK"],
}


def test_old_names_and_names_in_other_languages_are_known(catalogue):
    index.rebuild()
    assert {typed: names(typed) for typed in KNOWN} == KNOWN


@pytest.mark.parametrize(
    ("name", "code"), [("Moldova", "MD"), ("Tanzania", "TZ"), ("Hong Kong", "HK"), ("Republic of Korea", "KR")]
)
def test_a_country_has_its_short_name_too_where_the_united_nations_begin_with_another_word(name, code):
    assert named_exactly(name) == {code}


def test_a_name_of_several_countries_lets_the_reader_choose(client):
    page = client.get("/countries/", {"search": "guin"})
    assert "Which one do you mean by “guin”?" in words(page)
    assert names("guin") == ["GQ", "GN", "GW", "PG"]
    assert "noindex" in html(page)


@pytest.mark.parametrize("typed", ["xyzzy", "<b>xyz", "x\0y", "%", "the", "a" * 5000])
def test_what_is_no_country_says_what_to_try(client, typed):
    page = client.get("/countries/", {"search": typed})
    assert page.status_code == 200
    assert "No country in our list has the name" in words(page)


def test_nothing_typed_is_no_mistake(client):
    assert "No country in our list" not in words(client.get("/countries/?search="))


def test_words_that_say_nothing_find_nothing():
    Synonym.objects.create(word="how to", is_filler=True)
    assert names("how to") == []


# -- What it costs ---------------------------------------------------------------------------------------------------------------


def test_pages_need_few_queries_however_much_is_known(client, asia, django_assert_num_queries):
    for number in range(20):
        factories.initiative(str(3201 + number), countries=["KZ", "FR"])
        factories.training(f"more-{number}", country="KZ")
    # trainings by group, groups, numbers, open and perhaps open entries, entries that name it, regions, trainings and their lists
    with django_assert_num_queries(12):
        client.get("/countries/kz/")
    # entries, trainings, regions
    with django_assert_num_queries(3):
        client.get("/countries/")
