"""Staff read the queue; links in it work only in a demonstration."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from coalition.mail import pause
from coalition.mail.models import OutgoingEmail
from tests.mail.conftest import queued

pytestmark = pytest.mark.django_db
LIST = "/admin/mail/outgoingemail/"
LINK = "http://testserver/interest/verify/EOI-2026-AAAAAA.1.secret/"
BODY = f'<!doctype html><html><head><title>x</title></head><body><p><a href="{LINK}">Confirm</a> {LINK}</p></body></html>'


@pytest.fixture
def email():
    return queued(kind="verification", subject="Bitte bestätigen", text=f"Open this: {LINK}\n", html=BODY)


def read(email, part=""):
    return reverse(f"admin:mail_outgoingemail_read{part}", args=[email.pk])


def test_list_shows_state_kind_and_recipient(admin_client, email):
    page = admin_client.get(LIST).content.decode()

    for shown in ("Queued", "verification", "focal.point@ministry.example", "Bitte bestätigen", read(email)):
        assert shown in page


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_number_of_queries(admin_client, django_assert_max_num_queries, count):
    for _ in range(count):
        queued()

    # Session, user, fictional contacts; pause; count of the list, rows, kinds of the filter; what the rows are about.
    with django_assert_max_num_queries(8):
        admin_client.get(LIST)


def test_list_to_do_shows_what_could_not_be_delivered(admin_client, email):
    assert b"Bitte" not in admin_client.get(LIST + "?to_do=undelivered").content

    OutgoingEmail.objects.update(state="permanent_failure")

    assert b"Bitte" in admin_client.get(LIST + "?to_do=undelivered").content
    assert "Mails that could not be delivered" in admin_client.get("/admin/").content.decode()


def test_record_page_holds_no_link(admin_client, email, settings):
    page = admin_client.get(f"{LIST}{email.pk}/change/").content.decode()

    assert email.message_id.strip("<>") in page
    assert "secret" not in page


def test_nobody_can_add_change_or_delete_a_mail(admin_client, email):
    assert admin_client.get(LIST + "add/").status_code == 403
    assert admin_client.post(f"{LIST}{email.pk}/change/", {"subject": "x"}).status_code == 403
    assert admin_client.post(f"{LIST}{email.pk}/delete/", {"post": "yes"}).status_code == 403


def test_reading_page_shows_headers_and_working_links_in_a_demonstration(admin_client, email):
    page = admin_client.get(read(email)).content.decode()
    frame = admin_client.get(read(email, "_html"))

    for shown in ("Bitte bestätigen", "coalition@example.org", "auto-generated", f'href="{LINK}"', 'sandbox="allow-popups'):
        assert shown in page
    assert frame.content.decode() == BODY.replace("<head>", '<head><base target="_blank">')
    assert "default-src 'none'" in frame["Content-Security-Policy"]
    assert frame["Content-Security-Policy"].count("unsafe") == 1
    assert "style-src-attr 'unsafe-inline'" in frame["Content-Security-Policy"]
    assert "unsafe" not in admin_client.get(read(email))["Content-Security-Policy"]
    assert frame["X-Frame-Options"] == "SAMEORIGIN"


def test_reading_page_masks_links_otherwise(admin_client, email, settings):
    settings.DEMONSTRATION = False

    page = admin_client.get(read(email)).content.decode()
    frame = admin_client.get(read(email, "_html")).content.decode()

    assert "secret" not in page + frame
    assert "Open this: http://testserver/…" in page
    assert "<a>Confirm</a> http://testserver/…" in frame
    assert " sandbox>" in page


def test_reading_page_is_for_staff_who_may_see_mails(client, django_user_model, email):
    staff = django_user_model.objects.create_user("editor", is_staff=True)
    for address in (read(email), read(email, "_html")):
        assert client.get(address).status_code == 302
    client.force_login(staff)
    for address in (read(email), read(email, "_html")):
        assert client.get(address).status_code == 403

    staff.user_permissions.add(Permission.objects.get(codename="view_outgoingemail"))

    for address in (read(email), read(email, "_html")):
        assert client.get(address).status_code == 200


@pytest.fixture
def editor(client, django_user_model):
    """May see and change mails. Is logged in."""
    staff = django_user_model.objects.create_user("editor", is_staff=True)
    rights = Permission.objects.filter(codename__in=["view_outgoingemail", "change_outgoingemail"])
    staff.user_permissions.set(rights)
    client.force_login(staff)
    return staff


def press(client, email, name):
    return client.post(reverse("admin:mail_outgoingemail_act", args=[email.pk, name]), follow=True).content.decode()


def set_state(email, state, **values):
    times = {"accepted_at": Now() if state == "sent" else None, "lease_until": Now() if state == "sending" else None}
    OutgoingEmail.objects.filter(pk=email.pk).update(state=state, **(times | values))
    email.refresh_from_db()


BUTTONS = {
    "queued": ["hold", "cancel"],
    "sending": [],
    "retry": ["hold", "cancel", "send_again"],
    "held": ["release", "cancel"],
    "sent": ["send_copy"],
    "permanent_failure": ["send_again"],
    "temporary_failure": ["send_again"],
    "parked": ["send_again"],
    "cancelled": ["send_again"],
}
AFTER = {"hold": "held", "release": "queued", "cancel": "cancelled", "send_again": "queued"}


@pytest.mark.parametrize("state", OutgoingEmail.State.values)
def test_reading_page_has_the_buttons_of_each_state_and_they_work(client, editor, email, state):
    for name in BUTTONS[state]:
        set_state(email, state)
        page = client.get(read(email)).content.decode()
        assert re.findall(r'<form method="post" action="[^"]*/act/(\w+)/"', page) == BUTTONS[state]

        page = press(client, email, name)

        email.refresh_from_db()
        assert email.state == AFTER.get(name, state)
        assert "1 mail" in page or "1 second copy" in page
    assert LogEntry.objects.filter(user=editor, object_id=str(email.pk)).count() == len(BUTTONS[state])


def test_pressing_twice_does_it_once_and_says_so(client, editor, email):
    set_state(email, "sent")

    first, second = press(client, email, "send_copy"), press(client, email, "send_copy")

    assert "This is a second copy. Read the first mail" in first
    assert "Nothing was changed" in second
    assert "It was sent again. Read the second copy" in second
    assert OutgoingEmail.objects.count() == 2
    assert "Written as a second copy." in client.get(f"{LIST}{email.pk}/history/").content.decode()


def test_buttons_are_posts_of_staff_who_may_change(client, django_user_model, email, editor):
    address = reverse("admin:mail_outgoingemail_act", args=[email.pk, "hold"])
    assert client.get(address).status_code == 405
    assert client.post(reverse("admin:mail_outgoingemail_act", args=[email.pk, "delete"])).status_code == 404
    editor.user_permissions.remove(Permission.objects.get(codename="change_outgoingemail"))
    assert client.post(address).status_code == 403
    assert "/act/" not in client.get(read(email)).content.decode()
    client.logout()
    assert client.post(address).status_code == 302

    email.refresh_from_db()
    assert email.state == "queued"


def test_button_needs_the_token_of_its_page(editor, email):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor)
    assert strict.post(reverse("admin:mail_outgoingemail_act", args=[email.pk, "hold"])).status_code == 403


WORDS = {
    ("queued", "", None, ""): "It waits for its turn.",
    (
        "permanent_failure",
        "recipient",
        550,
        "no such user",
    ): "recipient’s address: “550 no such user”. It will not be tried again unless",
    ("permanent_failure", "content", 554, "spam"): "does not take this mail: “554 spam”.",
    ("permanent_failure", "", None, "It could not be put together"): "It could not be sent: “It could not be put together”.",
    ("temporary_failure", "sender", 553, "who?"): "from our own address: “553 who?”. It was tried for three days",
    (
        "retry",
        "broken",
        None,
        "timed out",
    ): "so it may have arrived or not: “timed out”. It will be tried again on 22 November 2026, 14:00.",
    ("held", "", None, ""): "Staff hold it.",
    ("sent", "", None, ""): "The mail server took it on ",
    (
        "parked",
        "",
        None,
        "ZeroDivisionError()",
    ): "It could not be sent: “ZeroDivisionError()”. Whoever tried to send it failed, five times.",
    ("cancelled", "", None, ""): "It was canceled before it was sent.",
    ("sending", "", None, ""): "right now.",
}


@pytest.mark.parametrize(("case", "expected"), WORDS.items())
def test_list_and_page_give_the_reason_in_words(client, editor, email, case, expected):
    state, stage, code, text = case
    due = datetime(2026, 11, 22, 14, tzinfo=UTC)
    written = due - timedelta(days=1)
    set_state(email, state, last_stage=stage, last_code=code, last_text=text, next_attempt_at=due, created_at=written)

    for page in (client.get(LIST), client.get(read(email)), client.get(f"{LIST}{email.pk}/change/")):
        assert expected in page.content.decode()


PAUSES = {
    535: "does not take our user name and password",
    530: "wants encryption or a login",
    421: "has too much to do",
    554: "turns us away",
    None: "cannot be reached safely",
}


@pytest.mark.parametrize("code", PAUSES)
def test_pause_stands_on_list_and_page(client, editor, email, code):
    assert "No mail goes out" not in client.get(LIST).content.decode() + client.get(read(email)).content.decode()

    pause.begin(code=code, text="in its <words>")

    for page in (client.get(LIST).content.decode(), client.get(read(email)).content.decode()):
        assert "No mail goes out since" in page
        assert PAUSES[code] in page
        assert f"“{f'{code} ' if code else ''}in its &lt;words&gt;”" in page


def test_actions_of_the_list_do_the_same_and_are_logged(client, editor):
    failed, sent = queued(), queued()
    set_state(failed, "parked")
    set_state(sent, "sent")

    for _twice in range(2):
        for action in ("send_again", "send_copy"):
            client.post(LIST, {"action": action, "_selected_action": [failed.pk, sent.pk]})

    failed.refresh_from_db()
    assert failed.state == "queued"
    assert OutgoingEmail.objects.get(again_of=sent).state == "queued"
    assert OutgoingEmail.objects.count() == 3
    assert sorted(LogEntry.objects.values_list("object_id", "change_message")) == sorted(
        [
            (str(failed.pk), "Sent again, as the same mail."),
            (str(sent.pk), "Written as a second copy."),
            (str(sent.copy.pk), "Written as a second copy."),
        ]
    )


def test_whoever_chose_more_mails_than_fit_is_told_that_the_others_stayed(client, editor):
    mails = [queued() for _ in range(4)]
    for email in mails[:2]:
        set_state(email, "permanent_failure")

    ids = [email.pk for email in mails]
    response = client.post(LIST, {"action": "send_again", "_selected_action": ids}, follow=True)

    assert [str(message) for message in response.context["messages"]] == [
        "2 mails are sent again.",
        "2 other mails that you chose stayed as they were: this does not fit their state, or they are out of date.",
    ]


def test_hold_and_release_need_the_right_to_change(client, django_user_model, email):
    staff = django_user_model.objects.create_user("editor", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_outgoingemail"))
    client.force_login(staff)

    def act(action):
        client.post(LIST, {"action": action, "_selected_action": email.pk})
        email.refresh_from_db()
        return email.state

    assert act("hold") == "queued"
    staff.user_permissions.add(Permission.objects.get(codename="change_outgoingemail"))
    assert act("hold") == "held"
    assert act("release") == "queued"
