"""An answer that comes after the focal point withdrew: no word of it is lost, and nobody is told what is not so."""

import pytest
from django.db.models.functions import Now

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from interest import actions, story
from interest.models import Answer, Event, Inquiry, Referral
from tests.interest.conftest import answer_form, answer_link, confirmed, mail_of, said, send_answer, status_link
from tests.interest.test_following import text_of

pytestmark = pytest.mark.django_db
AGREED = {"shares_address": "on"}


@pytest.fixture
def expression(client, catalogue):
    expression = confirmed(client, "1103", "1104")
    queue.send_due()
    return expression


def statuses(expression):
    return dict(expression.referrals.values_list("initiative__code", "status"))


def test_late_answer_is_kept_for_staff_and_the_contact_told_so_kindly(client, expression):
    actions.withdraw(expression=expression, codes=["1103", "1104"])

    page = text_of(
        send_answer(client, {"all": said("noted", text="Only next year.")} | shown("1103", "1104"), follow=True, **AGREED)
    )

    assert "The focal point withdrew these before your answer came, so they get no mail about them: 1103, 1104." in page
    assert "Thank you. Your answer is recorded" not in page
    assert "your answer is kept, and stands on their page and in the Coalition’s record" in page
    assert list(Answer.objects.values_list("kind", "text", "direct_email")) == [("noted", "Only next year.", "")] * 2
    assert statuses(expression) == {"1103": "withdrawn", "1104": "withdrawn"}
    assert not OutgoingEmail.objects.filter(kind="answer").exists()
    recorded = mail_of("recorded")
    assert "had withdrawn this before your answer came" in recorded.text
    assert "the focal point is told by mail" not in recorded.text
    entries = [(entry.kind, entry.text) for entry in story.story(expression.referrals.with_correspondence().first())]
    assert ("answer", "Only next year.") in entries
    assert "Only next year." in text_of(client.get(status_link()))
    assert Event.objects.filter(what="answered").count() == 1


def shown(*codes):
    return {code: said() for code in codes}


def test_answer_to_what_is_live_and_what_is_not_tells_each_its_own(client, expression):
    actions.withdraw(expression=expression, codes=["1103"])

    page = text_of(send_answer(client, {"all": said("noted", text="Next year.")} | shown("1103", "1104"), follow=True))

    assert "Your answer is recorded, and a mail tells the focal point." in page
    assert "withdrew 1103 before your answer came" in page
    assert page.count("Thank you.") == 1
    assert statuses(expression) == {"1103": "withdrawn", "1104": "noted"}
    assert ("1103" in mail_of("answer").text, "1104" in mail_of("answer").text) == (False, True)


def test_late_answer_sent_twice_is_one(client, expression):
    actions.withdraw(expression=expression, codes=["1103", "1104"])
    form, link = answer_form({"all": said("noted", text="Next year.")} | shown("1103", "1104")), answer_link()

    pages = [text_of(client.post(link, form, follow=True)) for _twice in range(2)]

    assert ["before your answer came" in page for page in pages] == [True, True]
    assert Answer.objects.count() == 2
    assert OutgoingEmail.objects.filter(kind="recorded").count() == 1


def test_late_answer_of_who_is_not_asked_any_more_is_not_kept(client, expression):
    actions.withdraw(expression=expression, codes=["1103", "1104"])
    Inquiry.objects.update(closed_at=Now())

    assert "Your answer was not sent" in text_of(send_answer(client, {"1103": said("noted")}, follow=True))
    assert not Answer.objects.exists()


def test_late_answer_is_not_counted_as_an_answer(client, expression):
    actions.withdraw(expression=expression, codes=["1103", "1104"])
    send_answer(client, {"1103": said("noted")})

    assert Answer.objects.count() == 1
    assert not Referral.objects.answered().exists()
