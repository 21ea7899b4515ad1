"""All that touches WeasyPrint. Imported only where it is installed."""

import mimetypes
from pathlib import Path

from django.contrib.staticfiles import finders
from weasyprint import HTML, URLFetcher
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


def pdf(html: str) -> bytes:
    document: bytes = HTML(string=html, url_fetcher=OwnFiles()).write_pdf(pdf_variant="pdf/ua-1")
    return document
