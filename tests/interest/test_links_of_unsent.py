"""Links are replaced while mails wait to be sent: each goes out with links that work, and no bytes change that a sender took."""

import re

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client

from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from interest import actions, limits, links
from interest.models import ExpressionOfInterest
from tests.interest.conftest import confirmed, said, send_answer
from tests.interest.test_following import page_of, reply, text_of

pytestmark = pytest.mark.django_db
ASKED = ["canary.default@unodc.example", "canary.healer@who.example"]
LINK = re.compile(r"http://testserver(/interest/(?:status|answer|verify)/[^\s\"<]+)")


def links_in(message):
    parts = [part.get_payload(decode=True).decode() for part in message.message().get_payload()]
    return {link for part in parts for link in LINK.findall(part)}


def taken(*kinds):
    """As after a try that the mail server put off: the bytes are fixed, and may have arrived."""
    for email in OutgoingEmail.objects.filter(kind__in=kinds):
        OutgoingEmail.objects.filter(pk=email.pk).update(state="sending", lease_until=Now(), attempts=1)
        email.refresh_from_db()
        queue.freeze(email)
    OutgoingEmail.objects.filter(kind__in=kinds).update(state="retry", lease_until=None)


def test_every_mail_that_waits_goes_out_with_links_that_work(client, catalogue, mailoutbox):
    expression = confirmed(client, "1103", "2206A")
    send_answer(client, {"1103": said("acknowledged")})
    other = confirmed(client, "1104", email="other@mvd.example")

    actions.replace_links(expression=expression)
    mailoutbox.clear()
    while queue.send_due():
        pass

    assert len(mailoutbox) == 12
    for message in mailoutbox:
        for link in links_in(message):
            assert (message.subject, Client().get(link).status_code) == (message.subject, 200)
    other.refresh_from_db()
    assert other.link_version == 1


def test_what_a_sender_took_keeps_its_bytes_and_a_second_mail_goes_out_instead(client, catalogue, mailoutbox):
    expression = confirmed(client, "1103")
    taken("contact")
    first = OutgoingEmail.objects.get(kind="contact")

    actions.replace_links(expression=expression)

    bytes_then, first_id = bytes(first.frozen), first.message_id
    first.refresh_from_db()
    assert (first.state, bytes(first.frozen), first.message_id) == ("cancelled", bytes_then, first_id)
    second = expression.referrals.get().email
    assert (second.state, second.again_of, second.message_id == first_id) == ("queued", first, False)
    assert expression.referrals.get().inquiries.get().email == second
    queue.send_due()
    [sent] = [message for message in mailoutbox if message.to == [first.recipient] and message.kind == "contact"]
    assert sent.message()["Message-ID"] == second.message_id
    [link] = links_in(sent)
    assert Client().get(link).status_code == 200
    assert send_answer(client, {"1103": said("noted")}, link).status_code == 302


@pytest.mark.parametrize("state", ["queued", "retry"])
def test_mail_that_staff_hold_stays_held(client, catalogue, state):
    expression = confirmed(client, "1103")
    if state == "retry":
        taken("contact")
    OutgoingEmail.objects.filter(kind="contact").update(state="held")

    actions.replace_links(expression=expression)

    held = OutgoingEmail.objects.get(kind="contact", state="held")
    [link] = set(LINK.findall(held.text))
    assert Client().get(link).status_code == 200


def test_mail_that_is_being_handed_over_is_left_alone(client, catalogue):
    expression = confirmed(client, "1103")
    email = queue_claimed("contact")

    actions.replace_links(expression=expression)

    email.refresh_from_db()
    assert (email.state, f".{expression.link_version}." in email.text) == ("sending", True)


def queue_claimed(kind):
    OutgoingEmail.objects.filter(kind=kind).update(state="sending", lease_until=Now())
    return OutgoingEmail.objects.get(kind=kind)


def test_links_to_other_requests_and_damaged_ones_stay(client, catalogue):
    expression, other = confirmed(client, "1103"), confirmed(client, "1104", email="other@mvd.example")
    kept = f"{links.status_link(other)} http://testserver/interest/status/damaged.1.x/ http://testserver/interest/list/"
    expression.link_version += 1

    assert links.renewed(kept, expression) == kept


# -- Limits ---------------------------------------------------------------------------------------------------------------------


def test_one_person_replaces_the_links_of_five_requests_a_day(client, catalogue, admin_user):
    expressions = [confirmed(client, "1103", message=str(number)) for number in range(7)]
    for expression in expressions[:5]:
        actions.replace_links(expression=expression)
    mails = OutgoingEmail.objects.count()

    with pytest.raises(actions.ReplacedTodayError):
        actions.replace_links(expression=expressions[5])

    page = text_of(client.post(page_of("replace_links"), follow=True))
    assert "Links were replaced today already. Please wait until tomorrow, or write to the Coalition at" in page
    assert OutgoingEmail.objects.count() == mails
    assert set(
        ExpressionOfInterest.objects.filter(pk__in=[e.pk for e in expressions[5:]]).values_list("link_version", flat=True)
    ) == {1}
    actions.replace_links(expression=expressions[5], staff=admin_user)


def test_replies_have_a_limit_that_loses_no_word(client, catalogue, monkeypatch):
    monkeypatch.setattr(limits, "REPLIES", [limits.Rule(2, limits.DAY)])
    expression = confirmed(client, "1103")
    for number in range(3):
        send_answer(client, {"1103": said("need_information", text=f"How many? {number}")})
        response = reply(client, **{"1103": f"Some {number}."})

    page = text_of(response)
    assert "You replied very often today, so this was not sent. Please send it again tomorrow." in page
    assert "Some 2.</textarea>" in page
    assert expression.referrals.get().status == "need_information"
    assert OutgoingEmail.objects.filter(kind="reply").count() == 2


def test_replies_to_an_office_take_turns_with_all_else_that_one_person_causes(client, catalogue, monkeypatch):
    monkeypatch.setattr(limits, "OFFICE", [limits.Rule(2, limits.DAY)])
    confirmed(client, "1103")
    for number in range(2):
        send_answer(client, {"1103": said("need_information", text=f"How many? {number}")})
        reply(client, **{"1103": f"Some {number}."})

    waits = OutgoingEmail.objects.filter(kind="reply").order_by("pk").annotate(wait=F("next_attempt_at") - F("created_at"))
    assert [email.wait.days >= 1 or email.wait.total_seconds() > 80_000 for email in waits] == [False, True]
