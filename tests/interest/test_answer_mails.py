"""The mails that carry an answer to the focal point and what they reply to the contact, and the labels of the form between."""

import pytest

from coalition.mail import layout
from tests.interest.conftest import answer_form, answer_link, confirmed, mail_of, said, send_answer, status_link
from tests.interest.test_answers import UNODC, text_of
from tests.interest.test_following import reply

pytestmark = pytest.mark.django_db


def test_answer_mail_read_literally(client, catalogue):
    expression = confirmed(client, "1103", "1104")
    send_answer(client, {"all": said("noted"), "1103": said("not_suitable", text="Only for\nislands.")})
    email = mail_of("answer")

    assert email.subject == f"An answer to your interest ({expression.reference})"
    assert (
        email.text
        == f"""All that was answered, and what you can do, is on your status page: http://testserver{status_link()}

This is what {UNODC} answered.

1103  Precursor control, O'Brien & partners
      Not suitable

> Only for
> islands.

1104  Title of 1104
      Noted, no resources now

An expression of interest is not a guarantee of participation.
Questions? Reply to this mail; it reaches the Coalition at coalition@example.org.

{"-- "}
Global Coalition to Address Synthetic Drug Threats
http://testserver · coalition@example.org
"""
    )


def test_same_answer_to_several_stands_once_in_the_mail(client, catalogue):
    confirmed(client, "1103", "1104")
    send_answer(client, {"all": said("noted", text="Only next year.")})
    email = mail_of("answer")

    same = (
        "1103  Precursor control, O'Brien & partners\n1104  Title of 1104\n      Noted, no resources now\n\n> Only next year.\n"
    )
    assert same in email.text
    assert [text.count("Only next year.") for text in (email.text, email.html)] == [1, 1]


def test_reply_mail_read_literally(client, catalogue):
    expression = confirmed(client, "1103", "1104")
    send_answer(client, {"all": said("need_information", text="How many\nofficers?")})
    reply(client, **{"1103": "Thirty.", "1104": "Thirty."})
    email = mail_of("reply")

    assert (
        layout.wrap(email.text)
        == f"""Dear colleague,

Aigul Focal-Point, Ministry of Internal Affairs, the focal point from
Kazakhstan, gave the information you asked for ({expression.reference}).

Please answer here, without an account:

http://testserver{answer_link(kind="reply")}

1103  Precursor control, O'Brien & partners
1104  Title of 1104

What was asked:
> How many
> officers?

What they write:
> Thirty.

The link works for 30 days, and for whoever has it. A reply to this mail
goes to the focal point.

{"-- "}
Global Coalition to Address Synthetic Drug Threats
http://testserver · coalition@example.org
"""
    )
    for said_there in ("Aigul Focal-Point, Ministry of Internal Affairs", "<p>How many<br>officers?</p>", "<p>Thirty.</p>"):
        assert said_there in email.html


def test_reply_mail_quotes_the_last_question_of_each_initiative(client, catalogue):
    confirmed(client, "1103", "1104")
    send_answer(client, {"all": said("need_information", text="First question?")})
    send_answer(client, {"1104": said("need_information", text="Second question?")})
    reply(client, **{"1103": "Thirty.", "1104": "Thirty."})

    parts = mail_of("reply").text.split("What was asked:\n")[1:]

    assert [part.split("\n")[0] for part in parts] == ["> First question?", "> Second question?"]


@pytest.mark.parametrize(("codes", "label"), [(["1103"], "Your answer to 1103 </legend>"), (["1103", "1104"], "(optional)")])
def test_only_answer_that_can_be_given_is_not_called_optional(client, catalogue, codes, label):
    confirmed(client, *codes)
    page = text_of(client.get(answer_link()))

    assert label in page.partition('class="gc-field__hint"')[0]
    assert "Choose an answer." in text_of(client.post(answer_link(), answer_form({codes[0]: said()})))


def test_what_ticking_a_box_means_stands_below_it(client, catalogue):
    confirmed(client, "1103")
    page = text_of(client.get(answer_link()))

    assert page.index('id="id_shares_address"') < page.index("If you tick this, they are told your name and address.")
    assert page.count('id="id_shares_address_helptext"') == 1


@pytest.mark.parametrize(("codes", "has_choice"), [(["1103"], False), (["1103", "1104"], True)])
def test_mail_about_one_initiative_offers_no_answer_for_all(client, catalogue, codes, has_choice):
    confirmed(client, *codes)

    email = mail_of("contact")

    assert "without an account" in email.text
    assert ["for all at once" in text for text in (email.text, email.html)] == [has_choice] * 2
