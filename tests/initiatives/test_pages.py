"""The pages of the catalogue: what they say, and what they must not."""

import re
from datetime import date

import pytest
from django_countries import countries

from initiatives.models import DELIVERY_LANGUAGES, Initiative, InitiativeOrganization, Term
from tests import factories
from tests.pages import Structure, words

pytestmark = pytest.mark.django_db


def html(response) -> str:
    return response.content.decode()


def title(response) -> str:
    return re.search(r"<title>(.*?)</title>", html(response), re.DOTALL)[1].removesuffix(
        " · Global Coalition to Address Synthetic Drug Threats"
    )


def codes(response) -> list[str]:
    """Codes of the cards on the page, in their order."""
    return re.findall(r'id="initiative-(\w+)"', html(response))


# -- Catalogue ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def three():
    training, guidance = factories.term("support", "training"), factories.term("support", "guidance")
    asia = factories.term("region", "central-asia", countries=["KZ"])
    factories.initiative("1101", terms=[training, asia], summary="Dogs find parcels.", scope="regional")
    factories.initiative("1102", terms=[training, guidance], summary="Cats < parcels & dogs.", scope="global")
    factories.initiative("2101", terms=[guidance], summary="Nothing here.")
    factories.initiative("2102", state="draft", terms=[training])


def test_catalogue_shows_published_entries_and_counts_of_what_they_offer(client, three):
    page = client.get("/initiatives/")
    assert codes(page) == ["1101", "1102", "2101"]
    assert title(page) == "3 initiatives"
    assert re.findall(r"(Training|Guidance)</label>\s*<span class=\"gc-count\" id=\"[\w-]+\">(\d)", html(page)) == [
        ("Guidance", "2"),
        ("Training", "2"),
    ]


def test_catalogue_says_what_is_shown_and_removes_one_filter_at_a_time(client, three):
    page = client.get("/initiatives/?search=parcels&support=training&country=KZ")
    assert title(page) == "2 initiatives: parcels, Kazakhstan, Training"
    assert re.findall(r'class="gc-chip" href="([^"]*)"', html(page)) == [
        "?support=training&amp;country=KZ",
        "?search=parcels&amp;support=training",
        "?search=parcels&amp;country=KZ",
    ]
    assert '<option value="KZ" selected>Kazakhstan</option>' in html(page)
    assert 'name="support" value="training" checked' in html(page)
    assert 'name="search" maxlength="200" autocomplete="off" value="parcels"' in html(page)


def test_search_of_the_catalogue_belongs_to_the_form_of_its_filters(client, three):
    page = html(client.get("/initiatives/?support=training&ordering=-updated_at"))
    form = page[page.index('<form id="filters"') : page.index("</form>", page.index('<form id="filters"'))]
    assert 'name="support" value="training" checked' in form
    assert '<input type="hidden" name="ordering" value="-updated_at">' in form
    assert re.search(r'<input class="gc-search__input"[^>]* form="filters">', page)


def test_snippets_mark_the_words_found_and_escape_the_rest(client, three):
    page = html(client.get("/initiatives/?search=parcel"))
    assert "Dogs find <mark>parcels</mark>" in page
    assert "Cats &lt; <mark>parcels</mark> &amp; dogs" in page


def test_a_match_in_the_title_alone_shows_the_beginning_of_the_text(client, three):
    page = client.get("/initiatives/?search=2101")
    assert "Nothing here." in words(page)
    assert "<mark>" not in html(page)


def test_what_was_not_understood_is_named_and_the_rest_stays(client, three):
    page = client.get("/initiatives/?support=training&support=nonsense")
    assert codes(page) == ["1101", "1102"]
    assert "Kind of support: We do not know “nonsense”. It was left out." in words(page)


def test_choices_left_empty_are_no_mistake(client, three):
    page = client.get("/initiatives/?search=&country=")
    assert codes(page) == ["1101", "1102", "2101"]
    assert "not understood" not in words(page)


def test_nothing_found_says_what_to_try(client, three, settings):
    settings.COALITION_EMAIL = "mailbox@coalition.example.org"
    page = client.get("/initiatives/?search=xyzzy&support=training")
    assert codes(page) == []
    text = words(page)
    assert "Use other words, best English ones" in text
    assert '<a href="?support=training">Leave out Search: xyzzy</a>' in html(page)
    assert '<a href="?search=xyzzy">Leave out Kind of support: Training</a>' in html(page)
    assert '<a href="/sub-working-groups/2.1/">2.1 Sub-group 2.1</a>' in html(page)
    assert "mailto:mailbox@coalition.example.org" in html(page)


def test_entries_that_may_be_open_to_a_country_stand_apart(client, three):
    page = client.get("/initiatives/?country=KZ")
    assert codes(page) == ["1101", "1102", "2101"]
    assert "1 more initiative does not say where it runs" in words(page)
    apart = html(page)[html(page).index("gc-apart") :]
    assert re.findall(r'href="/initiatives/(\d\w+)/"', apart) == ["2101"]
    assert re.findall(r'name="add" value="(\w+)"', apart) == ["2101"]
    assert "gc-apart" not in html(client.get("/initiatives/"))


def test_without_results_what_may_run_there_comes_before_the_advice(client, three):
    factories.term("region", "pacific", countries=["FJ"])
    page = client.get("/initiatives/?region=pacific&support=guidance")
    assert "0 initiatives" in title(page)
    assert "2 more initiatives are for every country or do not say where they run" in words(page)
    text = html(page)
    assert text.index('id="results"') < text.index('id="apart"') < text.index('id="nothing"')
    assert re.findall(r'href="/initiatives/(\d\w+)/"', text[text.index('id="apart"') : text.index('id="nothing"')]) == [
        "1102",
        "2101",
    ]
    assert Structure(text).faults == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("search=xyzzy", "No initiative has this word"),
        ("search=xyzzy+plugh", "No initiative has these words"),
        ("search=xyzzy&support=training", "No initiative fits all of this"),
        ("support=training&region=pacific", "No initiative fits all of this"),
    ],
)
def test_nothing_found_says_whether_it_is_the_words(client, three, query, said):
    factories.term("region", "pacific", countries=["FJ"])
    headings = re.findall(r'<h2 id="nothing">([^<]+)</h2>', html(client.get(f"/initiatives/?{query}")))
    assert headings == [said]


def test_table_shows_the_same_entries_in_the_same_order(client, three):
    cards = client.get("/initiatives/?support=training&ordering=title")
    table = client.get("/initiatives/?support=training&ordering=title&view=table")
    assert codes(table) == codes(cards) == ["1101", "1102"]
    assert re.findall(r'aria-sort="(\w+)">(\w+)', html(table)) == [("ascending", "Title")]
    assert 'href="?support=training&amp;ordering=code&amp;view=table"' in html(table)
    assert '<input type="hidden" name="view" value="table">' in html(table)
    row = html(table)[html(table).index('id="initiative-1101"') :]
    cells = re.findall(r'data-label="([^"]+)"[^>]*>(?:<a[^>]*>)?([^<]+)', row[: row.index("</tr>")])
    assert cells == [
        ("Group", "1.1"),
        ("Organizations", "Not stated"),
        ("Kind of support", "Training"),
        ("Who it is for", "Not stated"),
        ("Regions", "Central asia"),
        ("Stage", "Not stated"),
    ]


def test_pages_and_orders_keep_the_filters(client):
    training = factories.term("support", "training")
    for number in range(25):
        factories.initiative(str(1101 + number), terms=[training])
    page = client.get("/initiatives/?support=training&ordering=-updated_at")
    assert 'href="?support=training&amp;ordering=-updated_at&amp;page=2" rel="next"' in html(page)
    assert 'href="?support=training&amp;ordering=code">Code' in html(page)
    last = client.get("/initiatives/?support=training&page=99")
    assert len(codes(last)) == 5
    assert title(last) == "25 initiatives: Training (page 2)"


# -- One initiative -------------------------------------------------------------------------------------------------------------

# How the page says what the API gives as a value.
ROLES = {"lead": "Led by", "partner": "Partners", "mentioned": "Mentioned in the text"}
BASES = {"stated": "stated in the text", "inferred": "read from the text", "confirmed": "confirmed by staff"}


@pytest.fixture
def full(settings):
    """An entry with every field filled."""
    lead, partner, mentioned = factories.organization("unodc"), factories.organization("who"), factories.organization("icao")
    terms = [factories.term(facet, f"{facet}-slug", name=f"The {facet} of it") for facet in Term.Facet.values]
    texts = {section: f"First of {section}.\n\n- Bullet of {section}" for section in Initiative.SECTIONS}
    entry = factories.initiative(
        "2206A",
        title="A title & <more>",
        summary="A **summary** with [a link](https://example.org/x).",
        terms=terms,
        stage="completed",
        scope="regional",
        languages=["fr", "fa"],
        countries=["KZ", "MX"],
        superseded_by=factories.initiative("2206"),
        source_url="https://coalition.example.org/node/1",
        source_date=date(2026, 3, 2),
        **texts,
    )
    for role, basis, linked in [
        ("lead", "stated", lead),
        ("partner", "inferred", partner),
        ("mentioned", "confirmed", mentioned),
    ]:
        InitiativeOrganization.objects.create(initiative=entry, organization=linked, role=role, basis=basis)
    return entry


def said(name: str, value) -> list[str]:
    """What the page has to show for a field of the API."""
    if name in Initiative.SECTIONS:
        heading = str(Initiative._meta.get_field(name).verbose_name).capitalize()
        return [f">{heading}</h2>", f"<p>First of {name}.</p>", f"<li>Bullet of {name}</li>"]
    if name in Term.Facet.values:
        return [f'href="/initiatives/?{name}={slug}">{Term.objects.get(facet=name, slug=slug).name}</a>' for slug in value]
    if name == "organizations":
        return [part for link in value for part in organization_said(link)]
    return {
        "code": lambda: [f'<span class="gc-code"><bdi>{value}</bdi></span>'],
        "title": lambda: ['<h1 lang="en" dir="ltr">A title &amp; &lt;more&gt;</h1>'],
        "url": lambda: [f'<link rel="canonical" href="{value.removeprefix("http://testserver")}">'],
        "sub_working_group": lambda: [f'<a href="/sub-working-groups/{value}/"'],
        "summary": lambda: ["A <strong>summary</strong> with <a", 'href="https://example.org/x"'],
        "stage": lambda: [f"<dt>Stage</dt><dd>{Initiative.Stage(value).label}</dd>"],
        "scope": lambda: [f"<dt>Scope</dt><dd>{Initiative.Scope(value).label}</dd>"],
        "languages": lambda: [", ".join(str(dict(DELIVERY_LANGUAGES)[code]) for code in value)],
        "countries": lambda: [f'href="/countries/{code.lower()}/">{countries.name(code)}</a>' for code in value],
        "superseded_by": lambda: [f"This initiative was replaced by {value}:", f'<a href="/initiatives/{value}/">'],
        "source_url": lambda: [f'<a href="{value}"'],
        "updated_at": lambda: [f'<time datetime="{value[:19]}'],
    }[name]()


def organization_said(link: dict[str, str]) -> list[str]:
    name = f'<a href="/organizations/{link["slug"]}/" lang="en" dir="ltr">{link["name"]} ({link["acronym"]})</a>'
    basis = f'{name} <span class="gc-basis">{BASES[link["basis"]]}'
    return [f"<dt>{ROLES[link['role']]}</dt>", basis]


def test_every_field_of_the_api_is_on_the_page(client, full):
    fields = client.get("/api/v1/initiatives/2206A/").json()
    assert all(fields.values()), "a field left empty would prove nothing"
    page = html(client.get("/initiatives/2206A/"))
    missing = {name: [part for part in said(name, value) if part not in page] for name, value in fields.items()}
    assert {name: parts for name, parts in missing.items() if parts} == {}


def test_what_the_text_does_not_say_is_shown_as_not_stated(client):
    factories.initiative("1101")
    text = words(client.get("/initiatives/1101/"))
    for label in ["Led by", "Kind of support", "Who it is for", "Topics", "Scope", "Stage"]:
        assert f"{label} Not stated" in text
    for label in ["Partners", "Regions", "Countries taking part", "Languages of delivery", "Source", "Background"]:
        assert f" {label} " not in text
    assert "this site’s own reading of the text" in text


def test_entries_with_the_same_text_name_each_other(client):
    terms = [factories.term("topic", slug) for slug in ("a", "b", "c")]
    factories.initiative("1101", summary="Twice.", title="First", terms=terms)
    factories.initiative("1201", summary="Twice.", title="Second", terms=terms)
    factories.initiative("1301", summary="Once.", title="Third", terms=terms)
    first, second = words(client.get("/initiatives/1101/")), words(client.get("/initiatives/1201/"))
    assert "1201 has the same text: Second" in first
    assert "1101 has the same text: First" in second
    assert "Related initiatives 1301 Third" in first
    assert "Twice. has the same text" not in words(client.get("/initiatives/1301/"))


def test_many_entries_with_the_same_text_are_all_named(client):
    for code in range(1101, 1108):
        factories.initiative(str(code), summary="Seven times.")
    assert words(client.get("/initiatives/1101/")).count("has the same text:") == 6


@pytest.mark.parametrize("state", ["draft", "review", "archived"])
def test_entries_that_are_not_published_are_not_found(client, state):
    factories.initiative("1101", state=state)
    factories.initiative("1201", summary="Summary of 1101", superseded_by=Initiative.objects.get(code="1101"))
    assert client.get("/initiatives/1101/").status_code == 404
    assert "1101" not in words(client.get("/initiatives/1201/")).replace("Summary of 1101", "")


def test_a_code_in_small_letters_leads_to_the_page(client):
    factories.initiative("2206A")
    response = client.get("/initiatives/2206a/")
    assert (response.status_code, response["Location"]) == (301, "/initiatives/2206A/")


def test_the_contact_is_an_organization_and_a_section_and_never_a_person(client):
    unodc = factories.organization("unodc")
    person = factories.contact(
        unodc, "Canary Birdsong", phone="+99 555 0100", title="Canary Officer", section="Laboratory Section"
    )
    factories.initiative("1101", contacts=[person])
    page = client.get("/initiatives/1101/")
    assert "Who will answer Name of unodc, Laboratory Section" in words(page)
    for canary in ["Canary", "Birdsong", "canary.birdsong", "unodc.example.org", "555 0100"]:
        assert canary not in html(page)


def test_without_a_contact_the_coalition_answers(client, settings):
    settings.COALITION_EMAIL = "mailbox@coalition.example.org"
    factories.initiative("1101")
    page = client.get("/initiatives/1101/")
    assert '<a href="mailto:mailbox@coalition.example.org">The Coalition’s mailbox</a>' in html(page)
    assert "so the Coalition itself will be asked" in words(page)


def test_initiative_can_be_registered_for_and_listed(client):
    factories.initiative("1101")
    page = html(client.get("/initiatives/1101/"))
    assert 'href="/interest/register/?initiative=1101"' in page
    assert 'name="add" value="1101"' in page
    assert "An expression of interest is not a guarantee of participation." in page


def test_markdown_of_an_entry_cannot_bring_markup_of_its_own(client):
    factories.initiative(
        "1101", summary='<script>alert(1)</script> <b onclick="x">bold</b>', background="[x](javascript:alert(1))"
    )
    page = html(client.get("/initiatives/1101/"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b onclick" not in page
    assert 'href="javascript' not in page


def test_preview_shows_a_banner_and_no_way_to_register(admin_client):
    entry = factories.initiative("1101", state="draft")
    page = admin_client.get(f"/admin/initiatives/initiative/{entry.pk}/preview/")
    assert "Publication: Draft. Only staff see this page" in words(page)
    assert 'href="/interest/register/?initiative=1101"' not in html(page)


# -- Groups and organizations ----------------------------------------------------------------------------------------------------


def test_sub_working_group_shows_its_entries_and_the_other_groups(client):
    factories.initiative("1101")
    factories.initiative("1102", state="draft")
    factories.initiative("2101")
    page = client.get("/sub-working-groups/1.1/")
    assert codes(page) == ["1101"]
    assert "Working group 1: Group 1" in words(page)
    assert 'href="/sub-working-groups/1.1/" aria-current="page"' in html(page)
    assert 'href="/sub-working-groups/2.1/"' in html(page)
    assert client.get("/sub-working-groups/9.9/").status_code == 404


def test_group_of_today_stands_whole_and_a_large_one_on_several_pages(client, monkeypatch, django_assert_num_queries):
    for number in range(26):
        factories.initiative(str(3201 + number))
    whole = client.get("/sub-working-groups/3.2/")
    assert (len(codes(whole)), "usa-pagination" in html(whole)) == (26, False)
    monkeypatch.setattr("initiatives.views.PER_GROUP_PAGE", 20)
    # The group, all groups, their number, the page, its organizations and its terms.
    with django_assert_num_queries(6):
        second = client.get("/sub-working-groups/3.2/?page=2")
    assert codes(second) == ["3221", "3222", "3223", "3224", "3225", "3226"]
    assert title(second) == "3.2 Sub-group 3.2 (page 2)"
    assert 'href="?page=1" rel="prev"' in html(second)
    assert "26 initiatives" in words(second)


def test_mentions_are_not_counted_as_leads(client):
    who = factories.organization("who", is_participating=True)
    factories.initiative("1101", lead=who)
    factories.initiative("1102", partner=who)
    for code in ("1103", "1104", "1105"):
        factories.initiative(code, mentioned=who)
    factories.initiative("1106", lead=who, state="draft")
    factories.initiative("1107", mentioned=factories.organization("sanac"))
    factories.initiative("1108", lead=factories.organization("icao"))
    organizations = client.get("/organizations/")
    assert "1 international organization takes part in the Coalition" in words(organizations)
    assert "Name of who WHO 1 1 3" in words(organizations)
    assert re.findall(r'<th scope="row"><a href="/organizations/(\w+)/"', html(organizations)) == ["who", "icao"]
    text = words(client.get("/organizations/who/"))
    assert re.findall(r"Leads 1 initiative|Partner in 1 initiative|Only mentioned in 3 initiatives", text) == [
        "Leads 1 initiative",
        "Partner in 1 initiative",
        "Only mentioned in 3 initiatives",
    ]
    assert codes(client.get("/organizations/who/")) == ["1101", "1102"]


def test_organization_without_entries_says_so(client):
    factories.organization("ioc", website="https://ioc.example.org")
    page = client.get("/organizations/ioc/")
    assert "No initiative names this organization" in words(page)
    assert 'href="https://ioc.example.org"' in html(page)
    assert client.get("/organizations/nobody/").status_code == 404
