"""One person's browser: plain HTTP with cookies, which remembers how long each answer took and tries again as people do."""

import re
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

PATIENCE = 60.0
FIELD = r'name="%s" value="([^"]+)"'


@dataclass(frozen=True)
class Reply:
    status: int
    body: str

    @property
    def is_done(self) -> bool:
        return self.status in (HTTPStatus.FOUND, HTTPStatus.SEE_OTHER)

    def field(self, name: str) -> str:
        found = re.search(FIELD % name, self.body)
        assert found, f"The page has no field {name}: {self.status} {self.body[:300]}"
        return found[1]


@dataclass
class Stopwatch:
    """What the web server did, as visitors saw it."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0

    def p99(self) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] if ordered else 0.0


class Browser:
    def __init__(self, port: int, watch: Stopwatch) -> None:
        self.port, self.watch = port, watch
        self.cookies: dict[str, str] = {}

    def ask(self, path: str, form: dict[str, object] | None = None) -> Reply:
        """One request and its answer. Raises OSError or HTTPException where none came."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=15)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        body = None
        if form is not None:
            body = urlencode(form, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        start = time.monotonic()
        try:
            connection.request("GET" if body is None else "POST", path, body, headers)
            response = connection.getresponse()
            reply = Reply(response.status, response.read().decode())
            self.watch.seconds.append(time.monotonic() - start)
        except TimeoutError:
            self.watch.seconds.append(time.monotonic() - start)
            raise
        finally:
            connection.close()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return reply

    def insist(self, path: str, form: dict[str, object] | None = None) -> Reply:
        """Sends the same again until the portal gives a definite answer, as somebody does who saw an error page."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                reply = self.ask(path, form)
            except (OSError, HTTPException):
                reply = None
            if reply and reply.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                return reply
            self.watch.errors += reply is not None
            assert time.monotonic() < deadline, f"No answer from {path[:20]} in {PATIENCE:.0f} s"
            time.sleep(0.2)

    def fill_in(self, path: str, **values: object) -> dict[str, object]:
        """The form of a page, with what belongs to it anyway, ready to be sent any number of times."""
        page = self.insist(path)
        hidden = {"csrfmiddlewaretoken": page.field("csrfmiddlewaretoken")}
        if 'name="key"' in page.body:
            hidden["key"] = page.field("key")
        return hidden | values
