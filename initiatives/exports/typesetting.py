"""All that touches WeasyPrint. Imported only where it is installed."""

import mimetypes
from pathlib import Path

import pydyf
from django.contrib.staticfiles import finders
from weasyprint import HTML, Document, URLFetcher
from weasyprint.urls import URLFetcherResponse


class OwnFiles(URLFetcher):
    """Opens the static files of this site by name (`own:img/mark.svg`) and nothing else, neither here nor elsewhere."""

    def __init__(self) -> None:
        # A missing style sheet must be seen, not printed around.
        super().__init__(allowed_protocols=[], allow_redirects=False, fail_on_errors=True)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        scheme, _, name = url.partition(":")
        path = finders.find(name) if scheme == "own" and name else None
        if not path:
            raise ValueError(f"A PDF file loads nothing but static files of this site: {url}")
        content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, Path(path).read_bytes(), {"Content-Type": content_type})


def mend_lists(_document: Document, pdf: pydyf.PDF) -> None:
    """Tags each `dl` as one list of items (ISO 32000-1, 14.8.4.3.3).

    WeasyPrint 70.0 makes a list of each box of a table, and of a `div` in it a group that no list may have.
    """
    elements = {
        item.reference: item for item in pdf.objects if isinstance(item, pydyf.Dictionary) and "S" in item and "P" in item
    }
    for reference, element in elements.items():
        parent = elements.get(element["P"], {})
        is_alone = parent.get("K") == [reference]
        if parent.get("S") == "/L" and (element["S"] == "/Div" or (element["S"] == "/L" and is_alone)):
            place = parent["K"].index(reference)
            parent["K"][place : place + 1] = element["K"]
            for child in element["K"]:
                elements[child]["P"] = element["P"]


def pdf(html: str) -> bytes:
    document: bytes = HTML(string=html, url_fetcher=OwnFiles()).write_pdf(pdf_variant="pdf/ua-1", finisher=mend_lists)
    return document
