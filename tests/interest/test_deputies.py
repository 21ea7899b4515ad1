"""A deputy gets one mail a day about all that moved to them (docs/adr/0007)."""

import re
from datetime import UTC, datetime

import pytest

from coalition.mail.models import OutgoingEmail
from initiatives.models import PointOfContact
from interest.models import Event, Inquiry
from tests import factories
from tests.interest.calendar import december
from tests.interest.conftest import confirmed, mail_of, said, send_answer
from tests.interest.test_following import text_of

pytestmark = pytest.mark.django_db
DEFAULT, OWN = "canary.default@unodc.example", "canary.own@unodc.example"


@pytest.fixture
def moved(client, catalogue, calendar, unodc):
    """Three requests that nobody answered; two initiatives of the first have the same deputy."""
    factories.initiative("3225", lead=unodc, contacts=[PointOfContact.objects.get(email=OWN)])
    made = [
        confirmed(client, *codes, email=f"{country}@mvd.example", country=country, institution=f"Ministry of {country}")
        for codes, country in [(["3224", "3225"], "KZ"), (["3224"], "FR"), (["3225"], "PE")]
    ]
    calendar.send(december(2))
    assert [calendar.run(december(day)) for day in (10, 18)] == [(1, 0, 0, 0), (0, 1, 0, 0)]
    return made


def links_of(email):
    return re.findall(r"http://testserver(/interest/answer/\S+)", email.text)


def test_deputy_gets_one_mail_about_all_requests_of_a_day(moved):
    email = mail_of("deputy")

    assert (email.recipient, email.reply_to) == (DEFAULT, "coalition@example.org")
    assert email.subject == "You are asked as well: 3 requests wait"
    assert [email.text.count(f"Ministry of {country}") for country in ("KZ", "FR", "PE")] == [1, 1, 1]
    assert len(set(links_of(email))) == len(links_of(email)) == 3
    steps = Inquiry.objects.filter(step="deputy")
    assert sorted(steps.values_list("referral__expression__country", "referral__initiative__code", "email")) == [
        ("FR", "3224", email.pk),
        ("KZ", "3224", email.pk),
        ("KZ", "3225", email.pk),
        ("PE", "3225", email.pk),
    ]
    assert sorted(tuple(event.codes) for event in Event.objects.filter(what="deputy_asked")) == [
        ("3224",),
        ("3224", "3225"),
        ("3225",),
    ]
    assert set(OutgoingEmail.objects.filter(referrals__expression__in=moved)) == {email}
    assert [email in request.mails() for request in moved] == [True] * 3


def test_links_of_a_deputy_open_one_request_each_and_are_answered(client, moved):
    kazakhstan, france, _peru = links_of(mail_of("deputy"))
    pages = [text_of(client.get(link)) for link in (kazakhstan, france)]
    assert [("Ministry of KZ" in page, "Ministry of FR" in page) for page in pages] == [(True, False), (False, True)]

    assert send_answer(client, {"3224": said("noted")}, france).status_code == 302

    assert [request.referrals.get(initiative__code="3224").status for request in moved[:2]] == ["waiting", "noted"]
    assert "Request from Kazakhstan" in pages[0]
    forged = france.replace(moved[1].reference, moved[2].reference)
    assert client.get(forged).status_code == 404


def test_replaced_links_of_one_request_leave_those_of_the_others(client, moved):
    links = links_of(mail_of("deputy"))
    moved[0].link_version += 1
    moved[0].save()

    assert [client.get(link).status_code for link in links] == [410, 200, 200]


def test_what_moves_on_a_day_on_which_the_deputy_got_a_mail_waits_for_the_next(client, moved, calendar):
    late = confirmed(client, "3224", email="late@mvd.example", country="KE")
    calendar.send(december(3))
    assert calendar.run(december(11)) == (1, 0, 0, 0)
    Inquiry.objects.filter(step="deputy").update(created_at=datetime(2024, 12, 19, 9, tzinfo=UTC))

    assert [calendar.run(december(day)) for day in (19, 20)] == [(0, 0, 0, 0), (0, 1, 0, 0)]
    assert late.referrals.get().inquiries.latest("pk").step == "deputy"
