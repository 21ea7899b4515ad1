"""A contact who goes back and sends the same answer again is told so; what is new in any way is recorded."""

import uuid

import pytest

from coalition.mail.models import OutgoingEmail
from interest import actions
from interest.models import Answer, Event
from tests.interest.conftest import answer_form, answer_link, confirmed, said, send_answer
from tests.interest.test_following import reply, text_of

pytestmark = pytest.mark.django_db
KNOWN = "This was your answer already; nothing new was sent."
NOTED = {"1103": said("noted", text="Not\nthis year.")}


def sent_again(client, parts, **values):
    """Whether the second answer was taken for the first, which then leaves no trace."""
    before = (Answer.objects.count(), Event.objects.count(), OutgoingEmail.objects.count())
    page = text_of(send_answer(client, parts, follow=True, **values))
    assert (KNOWN in page) is ((Answer.objects.count(), Event.objects.count(), OutgoingEmail.objects.count()) == before)
    return KNOWN in page


def test_same_answer_sent_anew_records_and_mails_nothing(client, catalogue):
    confirmed(client, "1103", "1104")

    assert [sent_again(client, NOTED) for _time in range(3)] == [False, True, True]


@pytest.mark.parametrize(
    ("parts", "values"),
    [
        ({"1103": said("noted", text="Not next year.")}, {}),
        ({"1103": said("acknowledged", text="Not\nthis year.")}, {}),
        ({"1104": said("noted", text="Not\nthis year.")}, {}),
        ({"all": said("noted", text="Not\nthis year.")}, {}),
        (NOTED, {"shares_address": "on"}),
    ],
    ids=["text", "kind", "initiative", "one more", "address"],
)
def test_answer_that_differs_is_recorded(client, catalogue, parts, values):
    confirmed(client, "1103", "1104")
    send_answer(client, NOTED)

    assert not sent_again(client, parts, **values)


def test_same_question_after_a_reply_is_asked_again(client, catalogue):
    confirmed(client, "1103")
    question = {"1103": said("need_information", text="Who?")}
    send_answer(client, question)
    reply(client, **{"1103": "We."})

    assert not sent_again(client, question)


def test_same_form_twice_is_told_what_the_first_was_told(client, catalogue):
    confirmed(client, "1103")
    form = answer_form(NOTED)

    pages = [text_of(client.post(answer_link(), form, follow=True)) for _time in range(2)]

    assert [("Your answer is recorded" in page, KNOWN in page) for page in pages] == [(True, False)] * 2


def test_contact_who_says_what_staff_wrote_down_is_recorded(client, catalogue, admin_user):
    expression = confirmed(client, "1103")
    content = NOTED["1103"]
    actions.answer_for(
        referral=expression.referrals.get(), staff=admin_user, key=uuid.uuid4(), content=content, why="By telephone"
    )

    assert not sent_again(client, NOTED)
