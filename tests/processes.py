"""A visitor of a portal that runs in processes of its own: plain HTTP, with cookies, as a browser without JavaScript."""

import json
import re
import time
import uuid
from http.cookiejar import CookieJar
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener


def eventually(condition, within=30.0):
    """The first answer of `condition` that is true; fails when none comes in time."""
    deadline = time.monotonic() + within
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"not within {within} s: {condition}"
        time.sleep(0.1)
    return answer


class Visitor:
    def __init__(self, address):
        self.address = address
        self.browser = build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, path):
        with self.browser.open(self.address + path, timeout=10) as response:
            return response.read().decode()

    def post(self, path, **values):
        """Fill in the form of this page and send it; the page that comes back."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path))[1]
        data = urlencode({"csrfmiddlewaretoken": token} | values, doseq=True).encode()
        with self.browser.open(self.address + path, data, timeout=10) as response:
            return response.read().decode()

    def is_well(self):
        try:
            return json.loads(self.get("/healthz"))["status"] == "ok"
        except (HTTPError, URLError, OSError):
            return False

    def register(self, email, *codes):
        return self.post(
            "/interest/register/?" + urlencode([("initiative", code) for code in codes]),
            initiatives=codes,
            name="Aigul Sample",
            job_title="Head of Division",
            institution="Ministry of Health",
            country="KZ",
            email=email,
            understood="on",
            key=uuid.uuid4(),
        )
