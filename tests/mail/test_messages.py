import stat
from email import policy
from email.parser import BytesParser

import pytest
from django.core import mail
from django.core.mail import get_connection

from coalition.mail import messages
from coalition.mail.backends import FolderBackend
from tests.mail.conftest import queued

pytestmark = pytest.mark.django_db


def read(raw):
    return BytesParser(policy=policy.default).parsebytes(raw)


def test_build_has_exactly_the_expected_headers():
    email = queued(subject="Получено")
    message = read(messages.build(email))

    assert dict(message.items()) == {
        "Content-Type": message["Content-Type"],
        "MIME-Version": "1.0",
        "Subject": "Получено",
        "From": "Global Coalition initiatives <coalition@example.org>",
        "To": "focal.point@ministry.example",
        "Reply-To": "coalition@example.org",
        "Date": message["Date"],
        "Message-ID": email.message_id,
        "Auto-Submitted": "auto-generated",
    }
    assert message["Date"].datetime == email.created_at.replace(microsecond=0)
    assert message.get_content_type() == "multipart/alternative"
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == email.text
    assert message.get_body(("html",)).get_content().strip() == email.html


def test_build_ends_every_line_with_crlf():
    raw = messages.build(queued())

    assert raw.count(b"\n") == raw.count(b"\r\n") > 10


@pytest.mark.parametrize("backend", ["locmem", "filebased", "folder"])
def test_backends_send_exactly_the_frozen_bytes(backend, settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path
    email = queued()
    email.frozen = messages.build(email)
    names = {"folder": "coalition.mail.backends.FolderBackend"}
    connection = get_connection(names.get(backend, f"django.core.mail.backends.{backend}.EmailBackend"))

    assert connection.send_messages([messages.FrozenMessage(email)]) == 1
    connection.close()

    if backend == "locmem":
        assert mail.outbox[0].message().as_bytes() == email.frozen
    else:
        [file] = tmp_path.iterdir()
        # Django's file backend writes a line of dashes after each message.
        assert file.read_bytes().split(b"\n----------")[0].rstrip() == email.frozen.rstrip()


def test_folder_backend_names_files_by_time_kind_and_recipient(settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path / "new" / "mail"
    email = queued("a/b@ministry.example", kind="contact")
    email.frozen = messages.build(email)

    for _again in range(2):
        FolderBackend().send_messages([messages.FrozenMessage(email)])

    expected = f"{email.created_at:%Y-%m-%d_%H%M%S}_contact_a-b@ministry.example_{email.message_id[1:9]}.eml"
    [file] = settings.EMAIL_FILE_PATH.iterdir()
    assert file.name == expected
    assert [stat.S_IMODE(path.stat().st_mode) for path in (settings.EMAIL_FILE_PATH, file)] == [0o700, 0o600]
