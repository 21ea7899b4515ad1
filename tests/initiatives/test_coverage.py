"""The coverage tables: every number is what the catalogue shows for the same filters, and what counting by hand gives."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.http import QueryDict

from initiatives.catalogue import Catalogue
from initiatives.coverage import STEPS, step_of, tables
from initiatives.models import Initiative, Term
from tests import factories
from tests.pages import words

pytestmark = pytest.mark.django_db
FRONTEND = Path(settings.BASE_DIR) / "coalition" / "frontend" / "scss"


@pytest.fixture
def real(catalogue):
    """The catalogue as it is published, and a draft that counts nowhere."""
    terms = list(Term.objects.filter(slug__in=["mentoring", "pacific"]))
    factories.initiative("1199", state="draft", terms=terms)


@pytest.fixture
def few(db):
    training, data = factories.term("support", "training"), factories.term("support", "data")
    africa = factories.term("region", "africa", countries=["ZA"])
    factories.initiative("1101", terms=[training, data, africa], scope="regional")
    factories.initiative("1102", terms=[training], scope="global")
    factories.initiative("1103")
    factories.initiative("2101", terms=[data], scope="regional")
    factories.initiative("2102", terms=[training, africa], state="draft")


class Tables(HTMLParser):
    """The rows of the heat tables as a reader gets them: for each cell its text and the address behind it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, str]]] = []
        self.inside = self.in_cell = False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "table":
            self.inside = "gc-heat" in (given.get("class") or "")
        elif self.inside and tag == "tr":
            self.rows.append([])
        elif self.inside and tag in {"td", "th"}:
            self.rows[-1].append(("", ""))
            self.in_cell = True
        elif self.inside and tag == "a":
            self.rows[-1][-1] = ("", given["href"])

    def handle_endtag(self, tag):
        self.inside &= tag != "table"
        self.in_cell &= tag not in {"td", "th"}

    def handle_data(self, data):
        if self.in_cell:
            text, address = self.rows[-1][-1]
            self.rows[-1][-1] = (f"{text} {data.strip()}".strip(), address)


def numbers(response) -> list[tuple[int, str]]:
    """The cells of the bodies and feet that hold a number."""
    return [(int(text), address) for row in Tables(response.content.decode()).rows for text, address in row if text.isdigit()]


def shown(address: str) -> int:
    """How many entries the catalogue shows at this address, all of whose filters it knows."""
    path, _, query = address.partition("?")
    found = Catalogue(QueryDict(query))
    assert (path, found.problems) == ("/initiatives/", [])
    return found.results.count()


def test_every_number_is_what_the_catalogue_shows_behind_it(client, real):
    linked = [(count, address) for count, address in numbers(client.get("/coverage/")) if address]
    groups, support, regions = 7, 10, 9
    assert len(linked) == (groups + 1) * (support + 1) + (groups + 1) * (regions + 1)
    assert [(shown(address), address) for _count, address in linked] == linked
    count, address = linked[0]
    assert client.get(address).context["page"].paginator.count == count


def test_tables_equal_a_count_of_the_entries_themselves(real):
    entries = list(Initiative.objects.filter(state="published").prefetch_related("terms").select_related("sub_working_group"))
    assert len(entries) == 118
    for table in tables():
        by_hand = Counter(
            (entry.sub_working_group.number, term.slug)
            for entry in entries
            for term in entry.terms.all()
            if term.facet == table.facet
        )
        assert {(place.group.number, place.term.slug): place.count for place in table.places if place.count} == dict(by_hand)
        bare = [entry for entry in entries if not any(term.facet == table.facet for term in entry.terms.all())]
        assert sum(aside.total for aside in table.asides) == len(bare)
        assert table.entries == 118


def test_what_is_beside_the_terms_is_told_apart(few):
    support, region = tables()
    assert [(str(aside.name), aside.total) for aside in support.asides] == [("Not stated", 1)]
    assert [(str(aside.name), aside.total) for aside in region.asides] == [("Every region", 1), ("Not stated", 2)]
    assert [row.asides for row in region.rows] == [[1, 1], [0, 1]]


def test_an_entry_in_two_columns_counts_once_in_the_total(few):
    support, _region = tables()
    first = support.rows[0]
    assert ([cell.count for cell in first.cells], first.total.count) == ([1, 2], 3)
    assert [(column.term.slug, column.total.count) for column in support.columns] == [("data", 2), ("training", 2)]


def test_words_say_where_it_is_thick_and_thin(client, few):
    text = words(client.get("/coverage/"))
    assert "Most, with 2 initiatives: Training in group 1.1." in text
    assert "Fewest, with 2 initiatives in all groups: Data, Training." in text
    assert "Of the 4 combinations, 1 has no initiative." in text
    assert "Most, with 1 initiative: Africa in group 1.1." in text
    assert "1 more initiative is for every region" in text
    assert [[(group.number, [str(term) for term in terms]) for group, terms in table.gaps] for table in tables()] == [
        [("2.1", ["Training"])],
        [("2.1", ["Africa"])],
    ]


def test_all_places_that_are_as_thick_are_named(client, few):
    factories.initiative("3101", terms=list(Term.objects.filter(slug="africa")))
    text = words(client.get("/coverage/"))
    assert "Most, with 1 initiative: Africa in group 1.1, Africa in group 3.1." in text


def test_an_empty_catalogue_has_a_page(client):
    text = words(client.get("/coverage/"))
    assert "Of the 0 combinations, 0 have no initiative." in text
    assert "Most, with" not in text
    factories.term("support", "training")
    factories.sub_working_group("1.1")
    assert "Most, with" not in words(client.get("/coverage/"))


def test_tables_can_be_read_without_their_colors(client, few):
    html = client.get("/coverage/").content.decode()
    assert html.count("<caption><span>") == 2
    assert re.findall(r'role="region" aria-label="([^"]+)"', html) == [
        "Initiatives by sub-working group and kind of support",
        "Initiatives by sub-working group and region",
    ]
    cells = re.findall(r'<td class="gc-heat-(\d)"><a href="[^"]+">(\d+)</a></td>', html)
    assert cells == [("2", "1"), ("4", "2"), ("2", "1"), ("0", "0"), ("4", "1"), ("0", "0")]
    assert Counter(re.findall(r'<th scope="(\w+)"', html)) == {"col": 5 + 5, "row": 3 + 3}
    assert len(re.findall("<th[ >]", html)) == 16


@pytest.mark.parametrize("largest", [1, 2, 3, 4, 5, 18, 40_000])
def test_steps_of_color_cover_every_number_as_the_legend_says(largest):
    steps = [step_of(count, largest) for count in range(largest + 1)]
    assert (steps[0], steps[-1]) == (0, STEPS)
    assert steps == sorted(steps)
    assert 0 not in steps[1:]


def test_legend_names_the_numbers_of_each_step(few):
    assert [list(table.legend) for table in tables()] == [[(0, 0, 0), (2, 1, 1), (4, 2, 2)], [(0, 0, 0), (4, 1, 1)]]


def test_numbers_stand_out_on_every_step_of_color():
    tokens = dict(re.findall(r"--(gc-[\w-]+): (#[0-9a-f]{3,6});", (FRONTEND / "_tokens.scss").read_text()))
    rules = re.findall(
        r"\.gc-heat-(\d) \{\s*background: var\(--([\w-]+)\);\s*color: var\(--([\w-]+)\)",
        (FRONTEND / "_overviews.scss").read_text(),
    )
    assert [step for step, _ground, _text in rules] == [str(step) for step in range(STEPS + 1)]
    assert {step: contrast(tokens[ground], tokens[text]) >= 4.5 for step, ground, text in rules} == dict.fromkeys("01234", True)


def contrast(one: str, other: str) -> float:
    dark, light = sorted(luminance(color) for color in (one, other))
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    digits = color[1:] if len(color) == 7 else "".join(digit * 2 for digit in color[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_coverage_needs_as_many_queries_for_few_entries_as_for_many(client, few, django_assert_num_queries):
    with django_assert_num_queries(3):  # groups, terms, numbers
        client.get("/coverage/")
    for number in range(20):
        factories.initiative(f"3{number // 10 + 1}{number:02}", terms=[factories.term("support", f"kind-{number}")])
    with django_assert_num_queries(3):
        client.get("/coverage/")
