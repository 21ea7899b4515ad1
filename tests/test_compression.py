"""Pages in Brotli or gzip, as the browser asks, and never so that their length tells what is in them."""

import gzip

import brotli
import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import condition

from coalition.urls import urlpatterns as addresses_of_the_site
from tests import factories

pytestmark = pytest.mark.django_db
BROWSER = "gzip, deflate, br, zstd"
PLAIN = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}
PAGE = "/about/"


def get(client, address: str, taken: str = BROWSER, **headers: str):
    return client.get(address, headers={"accept-encoding": taken} | headers)


def varies(response) -> bool:
    return "Accept-Encoding" in response["Vary"].split(", ")


@pytest.mark.parametrize(
    ("taken", "encoding"),
    [
        (BROWSER, "br"),
        ("br", "br"),
        ("BR;Q=0.5", "br"),
        ("gzip;q=0.8,br;q=0.8", "br"),
        ("gzip; q=0.2, br ; q=0.9", "br"),
        ("gzip, br;q=0.9", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("gzip, deflate", "gzip"),
        ("br;q=x, gzip", "gzip"),
        ("br;q*=xx'y'1, gzip", "gzip"),
        ("br;q=0", None),
        ("br;q=0.000, gzip;q=0", None),
        ("gzip;q=0", None),
        ("brotli, gzipped", None),
        ("identity", None),
        ("*", None),
        ("", None),
    ],
)
def test_page_comes_as_the_browser_takes_it(client, taken, encoding):
    response = get(client, PAGE, taken)
    assert response.get("Content-Encoding") == encoding
    assert PLAIN[encoding](response.content) == client.get(PAGE).content
    assert varies(response)
    assert int(response.get("Content-Length", len(response.content))) == len(response.content)


def test_head_tells_what_get_would(client):
    response = client.head(PAGE, headers={"accept-encoding": BROWSER})
    assert (response["Content-Encoding"], response.content) == ("br", b"")
    assert varies(response)


@pytest.mark.parametrize("taken", ["br", "gzip"])
def test_length_of_a_page_does_not_tell_what_is_in_it(client, taken):
    lengths = {len(get(client, PAGE, taken).content) for _time in range(20)}
    assert len(lengths) > 5
    assert max(lengths) - min(lengths) > 20


def test_list_that_leaves_line_by_line_comes_in_gzip(client):
    factories.initiative("1101", summary="Enough to be worth it. " * 20)
    response = get(client, "/initiatives/export.csv")
    assert (response.streaming, response["Content-Encoding"]) == (True, "gzip")
    assert gzip.decompress(response.getvalue()) == client.get("/initiatives/export.csv").getvalue()
    assert varies(response)
    refused = get(client, "/initiatives/export.csv", "br")
    assert "Content-Encoding" not in refused
    assert refused.getvalue() == client.get("/initiatives/export.csv").getvalue()


def test_answer_that_would_not_become_shorter_stays_as_it_is(client):
    response = get(client, "/healthz")
    assert "Content-Encoding" not in response
    assert response.content == client.get("/healthz").content != b""


@pytest.fixture
def style(settings, tmp_path) -> bytes:
    """A file as `collectstatic` leaves it: already compressed."""
    content = b"a { color: red }\n" * 100
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "some.css").write_bytes(content)
    (tmp_path / "some.css.br").write_bytes(brotli.compress(content))
    return content


def test_file_that_is_compressed_already_is_sent_so(client, style, tmp_path):
    response = get(client, "/static/some.css")
    assert response["Content-Encoding"] == "br"
    assert response.getvalue() == (tmp_path / "some.css.br").read_bytes()
    assert varies(response)
    again = get(client, "/static/some.css", **{"if-none-match": response["ETag"]})
    assert (again.status_code, again.getvalue()) == (304, b"")


@condition(etag_func=lambda request: '"first"')
def tagged(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Words. " * 100)


def compressed(request: HttpRequest) -> HttpResponse:
    # So badly that another encoding would make it shorter.
    return HttpResponse(gzip.compress(b"Words. " * 1000, compresslevel=0), headers={"Content-Encoding": "gzip"})


urlpatterns = [path("tagged/", tagged), path("compressed/", compressed), *addresses_of_the_site]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("taken", ["br", "gzip"])
def test_name_of_a_version_is_weak_where_its_bytes_are_others(client, taken):
    """RFC 9110 §8.8.1. What is asked for by this name is still found unchanged."""
    assert get(client, "/tagged/", "")["ETag"] == '"first"'
    assert get(client, "/tagged/", taken)["ETag"] == 'W/"first"'
    unchanged = get(client, "/tagged/", taken, **{"if-none-match": 'W/"first"'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert varies(unchanged)


@pytest.mark.urls(__name__)
def test_page_that_is_compressed_already_is_sent_so(client):
    response = get(client, "/compressed/")
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content) == b"Words. " * 1000
