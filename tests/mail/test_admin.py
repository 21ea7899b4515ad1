"""Staff read the queue; links in it work only in a demonstration."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

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

    # Session, user, fictional contacts; count of the list, rows, kinds of the filter.
    with django_assert_max_num_queries(6):
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
    assert "'none'" in frame["Content-Security-Policy"]
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
