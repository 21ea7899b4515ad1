"""PDF files by WeasyPrint, where the extra `pdf` and the Pango library of the system are installed."""

from ctypes.util import find_library
from functools import cache
from importlib.util import find_spec
from threading import Lock

# Typesetting keeps a processor busy; the other threads of a web process must go on serving pages.
_one_at_a_time = Lock()
PATIENCE = 20


class BusyError(Exception):
    """Others are waiting for their PDF files; the reader may try again in a minute."""


@cache
def is_possible() -> bool:
    """Looks without importing: WeasyPrint takes 40 MB of memory, and most pages only ask whether to show a link."""
    return find_spec("weasyprint") is not None and find_library("pangoft2-1.0") is not None


def from_html(html: str) -> bytes:
    """A tagged PDF (PDF/UA-1) of a whole HTML document. What it loads must be named `own:css/briefing.css`."""
    from initiatives.exports import typesetting

    if not _one_at_a_time.acquire(timeout=PATIENCE):
        raise BusyError
    try:
        return typesetting.pdf(html)
    finally:
        _one_at_a_time.release()
