"""Requests that are no proper HTTP, sent to a real gunicorn: an own page with all headers, and no mailed link in any log."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from coalition.local.processes import stop
from tests.processes import Visitor, eventually
from tests.services import free_port

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]

BASE_DIR = Path(__file__).resolve().parents[2]
TOKEN = "contact.EOI-2026-ACDEFG.0123456789abcdef.1." + "SecretSignature-" * 3
PATH = f"/interest/answer/{TOKEN}/"
COOKIE = f"csrftoken={'a' * 32}"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
ELSEWHERE = "Origin: null"
BODY = f"csrfmiddlewaretoken={'a' * 32}"


def get(path=PATH, *headers, method="GET", version="1.1", host="127.0.0.1"):
    lines = [
        f"{method} {path} HTTP/{version}",
        f"Host: {host}",
        f"Referer: http://127.0.0.1{PATH}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin1")


def post(content_type=FORM, body=BODY, *headers, path=PATH, length=None):
    length = len(body) if length is None else length
    headers = [f"Content-Type: {content_type}", f"Content-Length: {length}", f"Cookie: {COOKIE}", *headers]
    return get(path, *headers, method="POST") + body.encode("latin1")


def part(name, *headers):
    return "\r\n".join(["--x", f"Content-Disposition: form-data; {name}", *headers, "", "!!!", ""])


# What is sent, and the status of the answer.
CASES = {
    "another charset": (post(f"{FORM}; charset=utf-7"), 400),
    "a charset that is no text": (post(f"{FORM}; charset=hex"), 400),
    "a charset that is no text, with a query": (post(f"{FORM}; charset=hex", path=f"{PATH}?a=%41"), 400),
    "a charset for a page": (get(f"{PATH}?a=%FF", f"Content-Type: {FORM}; charset=idna"), 400),
    "a charset for a form with files": (post(f"{MULTIPART}; charset=hex", part('name="a"') + "--x--"), 400),
    "no boundary": (post("multipart/form-data"), 400),
    "an odd boundary": (post("multipart/form-data; boundary=\xff"), 400),
    "a part that is not base64": (
        post(MULTIPART, part('name="a"', "Content-Transfer-Encoding: base64") + "--x--", ELSEWHERE),
        403,
    ),
    "a part that is cut": (post(MULTIPART, '--x\r\nContent-Disposition: form-data; name="a"', ELSEWHERE), 403),
    "too many fields": (post(body="&".join(["a=b"] * 1001)), 400),
    "too many files": (post(MULTIPART, "".join(part(f'name="{n}"; filename="f"') for n in range(101)) + "--x--"), 400),
    "too long a form": (post(body="a=" + "x" * 2_700_000), 400),
    "a length in words": (post(length="long"), 400),
    "a length below zero": (post(length=-1), 400),
    "two lengths": (post(FORM, BODY, "Content-Length: 6"), 400),
    "a length and chunks": (post(FORM, "0\r\n\r\n", "Transfer-Encoding: chunked"), 400),
    "an unknown coding": (get(PATH, "Transfer-Encoding: banana", method="POST"), 501),
    "odd chunks": (
        get(PATH, f"Cookie: {COOKIE}", ELSEWHERE, "Transfer-Encoding: chunked", method="POST") + b"zz\r\nhello\r\n",
        403,
    ),
    "NUL in the path, escaped": (get(f"{PATH}%00"), 404),
    "NUL in the path": (get(f"{PATH}\x00"), 400),
    "escaped bytes that are not UTF-8": (get(f"{PATH}%ff%fe"), 404),
    "a path that is not ASCII": (get(f"{PATH}\xff"), 400),
    "a space in the path": (get(f"{PATH} x"), 400),
    "an escaped name of the path": (get(PATH.replace("answer", "%61nswer") + " x"), 400),
    "too long an address": (get(f"{PATH}?{'x' * 9000}"), 414),
    "too long a header": (get(PATH, f"X: {'y' * 20_000}"), 431),
    "too many headers": (get(PATH, *[f"X{number}: y" for number in range(200)]), 431),
    "a header without a name": (get(PATH, "nonsense"), 400),
    "a header with a space in its name": (get(PATH, f"a b: {PATH}"), 400),
    "a folded header": (get(PATH, "A: b\r\n c"), 400),
    "odd cookies": (get(PATH, "Cookie: \xff=\x01; ;;=; csrftoken"), 400),
    "cookies of nobody": (get(PATH, "Cookie: sessionid=\xff%00; messages=x:y; shortlist=\xff; registered=x"), 404),
    "a foreign host": (get(host="evil.example"), 400),
    "a host that is none": (get(host="a b"), 400),
    "an unknown method": (get(PATH, ELSEWHERE, method="BREW"), 403),
    "a method that is none": (get(method="br(w"), 400),
    "an unknown version": (get(version="9.9"), 400),
    "an expectation": (get(PATH, "Expect: banana", method="POST"), 417),
    "an origin that is none": (post(FORM, BODY, "Origin: http://["), 403),
    "a script name": (get(PATH, "Script_Name: /evil"), 500),
}
POLICY = {"content-security-policy", "referrer-policy", "x-content-type-options", "x-frame-options"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The web server as `make run` starts it, with the log of requests that an operator may add."""
    folder = tmp_path_factory.mktemp("gunicorn")
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "DATA_DIR": str(folder),
        "DEMONSTRATION": "on",
        "SITE_URL": f"http://127.0.0.1:{port}",
    }
    options = {"cwd": BASE_DIR, "env": environment}
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"], **options, check=True)
    command = [sys.executable, "-m", "gunicorn", "coalition.wsgi", "--worker-class", "gthread", "--threads", "4"]
    command += ["--no-control-socket", "--bind", f"127.0.0.1:{port}", "--access-logfile", "-", "--log-level", "debug"]
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(command, **options, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    visitor = Visitor(f"http://127.0.0.1:{port}")
    visitor.port, visitor.log = port, folder / "web.log"
    try:
        eventually(lambda: process.poll() is not None or answers(visitor))
        assert process.poll() is None, visitor.log.read_text()
        yield visitor
    finally:
        stop(process, how=signal.SIGTERM, within=10)


def answers(visitor):
    try:
        return "<main" in visitor.get("/interest/link/")
    except OSError:
        return False


def send(port, data):
    """Status, names of the headers, and body."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(data)
        while block := connection.recv(65536):
            received += block
    head, _, body = received.decode("latin1").partition("\r\n\r\n")
    first, *headers = head.split("\r\n")
    return int(first.split()[1]), dict(line.lower().split(": ", 1) for line in headers), body


@pytest.mark.parametrize("case", CASES)
def test_an_odd_request_gets_an_own_page_with_every_header(server, case):
    request, expected = CASES[case]

    status, headers, body = send(server.port, request)

    assert status == expected
    assert set(headers) >= POLICY
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "no-store" in headers["cache-control"]
    assert headers["referrer-policy"] == "same-origin"
    assert "Global Coalition" in body
    assert "Signature" not in body


def test_nobody_is_believed_about_the_path_of_the_site(server):
    status, _headers, body = send(server.port, get("/evil/interest/link/", "Script_Name: /evil"))

    assert status == 200
    assert "evil" not in body


def test_no_log_has_a_mailed_link(server):
    for request, _status in CASES.values():
        send(server.port, request)
    written = server.log.read_text()

    assert written.count("/interest/answer/…") > len(CASES)
    assert "Signature" not in written
