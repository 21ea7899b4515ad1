"""What gunicorn answers and logs by itself, for a request that never reaches a view: mostly because it is no HTTP."""

import logging
import socket
from http import HTTPStatus

from csp.utils import build_policy
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from gunicorn import util

from coalition.views import standalone
from interest.logs import WithoutTokens


class Utf8Request(WSGIRequest):
    """Reads everything as UTF-8, and keeps what the request says it is in `encoding`, where a middleware refuses it.

    Django decodes the address's query already while it makes the request, where a codec that makes no text ends in a raw 500.
    """

    encoding: str | None = None


def install() -> None:
    """Takes the place of gunicorn's own bare page, and keeps mailed links out of its logs, whatever it was started with."""
    util.write_error = write_error
    for name in ("gunicorn.error", "gunicorn.access"):
        logging.getLogger(name).addFilter(WithoutTokens())


def write_error(connection: socket.socket, status: int, reason: str, message: str) -> None:
    """In place of `gunicorn.util.write_error`. `message` quotes the request, and that may be a mailed link, so it is left out."""
    template = "500.html" if status == HTTPStatus.INTERNAL_SERVER_ERROR else "unreadable.html"
    body = standalone(template).encode()
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers(len(body)).items()), "", ""]
    util.write_nonblock(connection, "\r\n".join(lines).encode("latin1") + body)


def headers(length: int) -> dict[str, str]:
    """Those that middleware gives to every other answer."""
    found = {
        "Connection": "close",
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(length),
        "Content-Security-Policy": build_policy(),
        "Cache-Control": "no-store",
        "Referrer-Policy": str(settings.SECURE_REFERRER_POLICY),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
    }
    if settings.SECURE_HSTS_SECONDS:
        found["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    return found
