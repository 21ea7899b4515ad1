"""Lists to take along: exactly what is on the screen, and nothing that a spreadsheet would run."""

import datetime
import re
from html import unescape

import pytest
from django.http import QueryDict

from initiatives.exports import sheets
from initiatives.exports.selection import selected
from initiatives.models import Initiative
from tests import factories
from tests.exports import reading
from tests.pages import words

pytestmark = pytest.mark.django_db
CSV = "/initiatives/export.csv"
XLSX = "/initiatives/export.xlsx"
BOTH = pytest.mark.parametrize(("address", "rows"), [(CSV, reading.csv_rows), (XLSX, reading.xlsx_rows)])


def codes(rows) -> list[str]:
    return [row["code"] for row in rows]


@pytest.fixture
def three():
    training = factories.term("support", "training")
    unodc, who = factories.organization("unodc"), factories.organization("who")
    factories.initiative("1101", terms=[training, factories.term("support", "data")], lead=unodc, mentioned=who)
    factories.initiative("1102", terms=[training], title="A ü title, “quoted”;\nwith lines", languages=["en", "fr"])
    factories.initiative("2101", countries=["KZ"], scope="global")
    factories.initiative("2102", state="draft", title="Secret draft", terms=[training])


@BOTH
def test_list_has_the_fields_of_the_api_under_their_names(client, three, address, rows):
    found = rows(client.get(address))
    names = list(client.get("/api/v1/initiatives/1101/").json())
    assert [list(row) for row in found] == [names] * 3
    assert found[0] | {"updated_at": ""} == dict.fromkeys(names, "") | {
        "code": "1101",
        "title": "Title of 1101",
        "url": "http://testserver/initiatives/1101/",
        "sub_working_group": "1.1",
        "summary": "Summary of 1101",
        "organizations": "unodc | UNODC | Name of unodc | lead | confirmed; who | WHO | Name of who | mentioned | confirmed",
        "stage": "not_stated",
        "scope": "not_stated",
        "support": "data; training",
    }
    assert found[1]["title"] == "A ü title, “quoted”;\nwith lines"
    assert found[1]["languages"] == "en; fr"


@BOTH
def test_list_is_what_the_page_finds_in_its_order_on_all_pages(client, address, rows):
    training = factories.term("support", "training")
    for number in range(1101, 1126):
        factories.initiative(str(number), terms=[training] if number != 1110 else [])
    Initiative.objects.filter(code="1125").update(updated_at=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    Initiative.objects.filter(code="1101").update(updated_at=datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC))
    query = "?support=training&ordering=-updated_at&page=2&view=table"
    shown = [
        code
        for page in (1, 2)
        for code in re.findall(r'id="initiative-(\w+)"', client.get(f"/initiatives/{query}&page={page}").content.decode())
    ]
    found = codes(rows(client.get(address + query)))
    assert len(found) == 24
    assert found[0] == "1101"
    assert found[-1] == "1125"
    assert sorted(found) == sorted({*shown, *found})


FILES = ["export.csv", "export.xlsx", "briefing.pdf"]
MISSPELLED = [
    "topic=nosp",
    "support=training&support=trainin",
    "country=XX",
    "stage=ongoing&ordering=sideways",
    "search=" + "x" * 201,
]


@pytest.mark.parametrize("query", MISSPELLED)
@pytest.mark.parametrize("name", FILES)
def test_file_with_a_filter_that_nobody_knows_is_refused_in_words(client, three, name, query):
    response = client.get(f"/initiatives/{name}?{query}")
    assert (response.status_code, response["Content-Type"]) == (400, "text/html; charset=utf-8")
    assert client.get(f"/api/v1/initiatives/?{query}").status_code == 400
    assert "Content-Disposition" not in response


def test_refusal_says_why_and_leads_to_the_page_with_the_rest(client, three):
    response = client.get(f"{CSV}?support=training&support=trainin&country=XX")
    assert "Kind of support: We do not know “trainin”." in words(response)
    assert "Open to country: We do not know “XX”." in words(response)
    assert "Without this part you would get more than you asked for. So you get nothing." in words(response)
    assert '<a href="/initiatives/?support=training">Choose filters</a>' in response.content.decode()


def test_links_of_a_page_that_left_something_out_lead_to_no_refusal(client, three):
    html = client.get("/initiatives/?support=training&support=trainin&country=XX").content.decode()
    addresses = {unescape(found) for found in re.findall(r'href="([^"]*(?:export|briefing|feed|changes|subscribe)[^"]*)"', html)}
    assert len(addresses) > 6
    for address in addresses:
        response = client.get(address)
        assert (response.status_code, bool(response.getvalue())) == (200, True), address
    assert [address for address in addresses if "XX" in address or "trainin&" in f"{address}&"] == []


@BOTH
def test_list_of_codes_keeps_their_order_and_holds_only_published_entries(client, three, address, rows):
    assert codes(rows(client.get(f"{address}?code=2101&code=1101&code=2102&code=9999&code=2101&code=%00"))) == ["2101", "1101"]
    assert codes(rows(client.get(f"{address}?code="))) == []


@BOTH
def test_list_without_entries_has_its_header(client, address, rows):
    response = client.get(f"{address}?search=xyzzy")
    assert response.status_code == 200
    assert rows(response) == []
    assert b"code" in client.get(f"{CSV}?search=xyzzy").getvalue()


@BOTH
def test_file_has_the_day_in_its_name(client, three, today, address, rows):
    response = client.get(address)
    ending = address.rpartition(".")[2]
    assert response["Content-Disposition"] == f'attachment; filename="initiatives-2026-11-22.{ending}"'
    assert response["X-Robots-Tag"] == "noindex"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert not response.cookies
    assert len(rows(response)) == 3


def test_csv_begins_with_the_mark_for_excel_only_if_asked(client, three):
    for query, begins in [("", b"code,title,"), ("?bom=1", b"\xef\xbb\xbfcode,title,"), ("?bom=0", b"code,title,")]:
        response = client.get(CSV + query)
        assert response["Content-Type"] == "text/csv; charset=utf-8; header=present"
        assert response.getvalue().startswith(begins)


def test_csv_ends_lines_as_the_standard_wants(client, three):
    lines = client.get(CSV).getvalue().decode().split("\r\n")
    assert (len(lines), lines[-1]) == (5, "")
    assert '"A ü title, “quoted”;\nwith lines"' in lines[2]


# -- Formulas -------------------------------------------------------------------------------------------------------------------

EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1", "−1", "'=1", "''=1"]
GOOD = ["", "1=1", "'", "'quoted'", " =1", "a\n=1", "http://=", "'a=1"]


def test_formula_gets_a_mark_that_can_be_taken_off_again():
    marked = [sheets.harmless(text) for text in EVIL]
    assert marked == [f"'{text}" for text in EVIL]
    assert [reading.unmarked(text) for text in marked] == EVIL


def test_other_text_stays_as_it_is():
    assert [sheets.harmless(text) for text in GOOD] == GOOD
    assert [reading.unmarked(text) for text in GOOD] == GOOD


@BOTH
def test_no_cell_begins_like_a_formula(client, address, rows):
    for number, text in enumerate(EVIL, start=1101):
        factories.initiative(str(number), title=text, summary=text, prerequisites=text)
    found = rows(client.get(f"{address}?ordering=code"))
    assert [cell for row in found for cell in row.values() if cell and cell[0] in "=+-@\t\r\n＝＋－＠−"] == []
    # openpyxl leaves what XML cannot hold as it was written.
    assert [reading.unmarked(row["title"].replace("_x000D_", "\r")) for row in found] == EVIL


def test_workbook_holds_text_only_and_links_only_to_this_site(client):
    factories.initiative("1101", title="=HYPERLINK()", summary="12", source_url="https://elsewhere.example.org/")
    for sheet in reading.workbook(client.get(XLSX)).worksheets:
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert {cell.data_type for cell in cells} == {"s"}
        links = [cell.hyperlink.target for cell in cells if cell.hyperlink]
        assert links == (["http://testserver/initiatives/1101/"] if sheet.title == "Initiatives" else [])


# -- Workbook -------------------------------------------------------------------------------------------------------------------


def test_workbook_has_a_header_that_stays_and_filters(client, three):
    sheet = reading.workbook(client.get(XLSX)).worksheets[0]
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == "A1:Y4"
    assert sheet["A1"].font.bold
    assert sheet.column_dimensions["B"].width > 50


def test_workbook_says_what_it_is(client, three, today):
    about = dict(reading.workbook(client.get(f"{XLSX}?support=training&country=KZ")).worksheets[1].iter_rows(values_only=True))
    assert about | {"Classification": "", "Texts": ""} == {
        "Source": "Global Coalition to Address Synthetic Drug Threats, http://testserver",
        "As of": "2026-11-22",
        "Initiatives": "0",
        "Kind of support": "Training",
        "Open to country": "Kazakhstan",
        "Not in this list": "2 more initiatives may be open too, but do not name the place.",
        "Not a promise": "An expression of interest is not a guarantee of participation.",
        "Classification": "",
        "Texts": "",
    }


def test_workbook_says_where_a_cell_cannot_hold_a_text(client):
    factories.initiative("1101", summary="x" * 40_000)
    [row] = reading.xlsx_rows(client.get(XLSX))
    assert len(row["summary"]) == 32_767
    assert row["summary"].endswith("The whole text is on the page of the entry and in the CSV file.)")
    assert reading.csv_rows(client.get(CSV))[0]["summary"] == "x" * 40_000


def test_cell_is_cut_as_excel_counts(client):
    """Signs beyond the first plane are two."""
    factories.initiative("1101", summary="😀" * 16_383)
    factories.initiative("1102", summary="😀" * 16_384)
    whole, cut = (row["summary"] for row in reading.xlsx_rows(client.get(f"{XLSX}?ordering=code")))
    assert whole == "😀" * 16_383
    assert len(cut.encode("utf-16-le")) <= 2 * 32_767
    assert cut.endswith("and in the CSV file.)")


def test_workbook_of_too_many_is_refused_in_words_and_csv_holds_all(client, three, monkeypatch):
    monkeypatch.setattr(sheets, "MOST", 2)
    response = client.get(f"{XLSX}?ordering=code")
    assert response.status_code == 422
    assert "These are 3 initiatives. An Excel file of this site holds up to 2." in words(response)
    [address] = re.findall(r'href="(/initiatives/export\.csv[^"]*)"', response.content.decode())
    assert codes(reading.csv_rows(client.get(unescape(address)))) == ["1101", "1102", "2101"]
    page = client.get("/initiatives/")
    assert "An Excel file of this site holds up to 2 initiatives" in words(page)
    assert XLSX not in page.content.decode()
    assert codes(reading.xlsx_rows(client.get(f"{XLSX}?support=training&ordering=code"))) == ["1101", "1102"]


# -- Cost -----------------------------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_the_same_queries(client, django_assert_max_num_queries, address, rows, number):
    for code in range(1101, 1101 + number):
        factories.initiative(str(code), lead=factories.organization("unodc"), terms=[factories.term("topic", "nps")])
    # The choices of the filters (groups, terms, organizations); how many, for a workbook; entries; their organizations and terms.
    with django_assert_max_num_queries(7):
        assert len(rows(client.get(address))) == number


def test_rows_are_read_some_at_a_time(django_assert_num_queries, monkeypatch):
    for code in range(1101, 1108):
        factories.initiative(str(code))
    monkeypatch.setattr(sheets, "AT_A_TIME", 2)
    found = sheets.rows(selected(QueryDict("ordering=code")))
    # The first two entries, their organizations, their terms; the others wait.
    with django_assert_num_queries(3):
        next(found)
