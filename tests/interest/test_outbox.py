"""From a mail in the queue to the request it is about and to its repair, and back."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.utils import timezone

from coalition.mail.models import OutgoingEmail
from interest.models import Inquiry
from tests.interest.calendar import december
from tests.interest.conftest import confirmed, mail_of, said, send_answer

pytestmark = pytest.mark.django_db
OUTBOX, REFERRALS = "/admin/mail/outgoingemail/", "/admin/interest/referral/"


def read(client, email):
    return client.get(f"{OUTBOX}{email.pk}/read/").content.decode()


def stories_in(page):
    return re.findall(rf'href="{REFERRALS}(\d+)/change/"', page)


def test_mail_leads_to_the_requests_it_asks_about_and_to_their_repair(client, admin_client, catalogue):
    expression = confirmed(client, "1103", "1104", "2206A")
    asking = mail_of("contact", recipient="canary.default@unodc.example")

    page = read(admin_client, asking)

    asked = expression.referrals.filter(initiative__code__in=["1103", "1104"])
    assert stories_in(page) == [str(referral.pk) for referral in asked.order_by("initiative__code")]
    assert f"/admin/interest/expressionofinterest/{expression.pk}/change/" in page
    assert f"{REFERRALS}repair/{asking.inquiries.latest('pk').pk}/" in page
    assert len(stories_in(read(admin_client, mail_of("receipt")))) == 3
    assert "/repair/" not in read(admin_client, mail_of("receipt"))


def test_mail_about_which_nothing_waits_any_more_leads_to_no_repair(client, admin_client, catalogue):
    confirmed(client, "1103")
    send_answer(client, {"1103": said("noted")})

    assert "/repair/" not in read(admin_client, mail_of("contact"))


def test_reminder_leads_to_every_request_it_is_about_and_is_found_by_each(client, admin_client, catalogue, calendar):
    first = confirmed(client, "1103", "1104")
    second = confirmed(client, "1103", email="other@health.example", country="FR")
    calendar.send(december(2))
    calendar.run(december(12))
    reminder = mail_of("reminder")

    assert len(stories_in(read(admin_client, reminder))) == 3
    for expression in (first, second):
        found = admin_client.get(f"{OUTBOX}?q={expression.reference.lower()}").context["cl"].queryset
        assert set(found) == set(expression.mails())
        assert reminder in found
        assert (
            f"{OUTBOX}?q={expression.reference}"
            in admin_client.get(f"{REFERRALS}{expression.referrals.first().pk}/change/").content.decode()
        )
        assert f'href="{REFERRALS}?q={expression.reference}"' in admin_client.get(OUTBOX).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_outbox_takes_the_same_number_of_queries(client, admin_client, catalogue, django_assert_max_num_queries, count):
    for number in range(count):
        confirmed(client, "1103", "2206A", email=f"{number}@mvd.example")

    # Session, user, fictional contacts; pause; count of the list, rows, kinds of the filter; what the rows are about.
    with django_assert_max_num_queries(8):
        assert admin_client.get(OUTBOX).context["cl"].result_count == 4 * count


def test_mail_to_staff_is_about_no_single_request(admin_client, catalogue):
    OutgoingEmail.objects.create(
        key="workday:2024-12-02", kind="workday", recipient="coalition@example.org", text="Text", message_id="<1@example.org>"
    )

    assert "About" not in read(admin_client, OutgoingEmail.objects.get())
    assert "2024-12-02</a>" not in admin_client.get(OUTBOX).content.decode()


def test_who_may_only_see_mails_is_led_to_no_request(client, catalogue):
    confirmed(client, "1103")
    OutgoingEmail.objects.filter(kind="contact").update(state="sent", accepted_at=timezone.now())
    somebody = get_user_model().objects.create_user("somebody", is_staff=True)
    somebody.user_permissions.add(Permission.objects.get(codename="view_outgoingemail"))
    client.force_login(somebody)

    page = read(client, mail_of("contact"))

    assert Inquiry.objects.exists()
    assert REFERRALS not in page
