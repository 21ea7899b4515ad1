"""Somebody wants their details gone: at once, for good, and those who were asked are told."""

import uuid
from datetime import date

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from coalition.mail import actions as mail
from coalition.mail import queue
from coalition.mail.models import OutgoingEmail
from interest import actions, emails, links
from interest.actions import erasing
from interest.actions.inquiring import inquire
from interest.models import Answer, Event, ExpressionOfInterest, Inquiry, Note, Referral
from tests.interest.conftest import answer_link, answers, confirmed, mail_of, registered, said, send_answer, status_link
from tests.interest.test_following import DETAILS, LINK, everything_stored, page_of, reply, text_of
from tests.interest.test_forgetting import dump

pytestmark = pytest.mark.django_db
PERSON = {
    "name": "Canary Zarina",
    "job_title": "Canary Title",
    "institution": "Canary Ministry",
    "email": "canary.zarina@mvd.example",
    "phone": "+7 7172 555333",
    "message": "Canary wish",
}
TRACES = ["Canary Zarina", "Canary Title", "Canary Ministry", "canary.zarina", "555333", "Canary wish"]


def traces(text):
    return [trace for trace in TRACES if trace in text or trace.encode().hex() in text]


@pytest.fixture
def correspondence(client, catalogue, admin_user):
    """A registration with everything that can belong to it, and somebody else's beside it."""
    other = confirmed(client, "1103")
    expression = confirmed(client, "1103", "2206A", **PERSON)
    queue.send_due()
    send_answer(client, {"1103": said("need_information", text="Canary wish?")})
    reply(client, **{"1103": "Canary wish!"})
    actions.note(referral=expression.referrals.first(), by=admin_user, text="Canary Zarina called.")
    content = {"kind": "scheduled", "period": "Canary wish"}
    referral = expression.referrals.last()
    actions.answer_for(referral=referral, staff=admin_user, key=uuid.uuid4(), content=content, why="Canary Zarina said so.")
    for row in [mail_of("receipt", recipient=PERSON["email"]), Note.objects.get()]:
        LogEntry.objects.log_actions(admin_user.pk, [row], CHANGE, str(row), single_object=True)
    return expression, other


# -- The page -------------------------------------------------------------------------------------------------------------------


def test_page_says_what_happens_and_only_the_button_does_it(client, catalogue):
    expression = confirmed(client, "1103", "2206A")
    before = everything_stored()

    page = text_of(client.get(page_of("erase")))
    client.head(page_of("erase"))

    assert "This cannot be undone." in page
    assert "Those who were asked are told by mail that it is withdrawn: 1103" in re_plain(page)
    assert f"the reference {expression.reference}, the country (Kazakhstan), the initiatives" in page
    assert everything_stored() == before
    assert page_of("erase") in client.get(status_link()).content.decode()


def re_plain(page):
    return " ".join(part.partition(">")[2].strip() for part in page.split("<") if part.partition(">")[2].strip())


def test_link_says_afterwards_that_the_details_are_deleted(client, catalogue):
    confirmed(client, "1103", **PERSON)
    pages = [page_of("erase"), status_link(), page_of("details"), answer_link()]
    first = client.post(pages[0], follow=True)
    events = Event.objects.count()

    second = client.post(pages[0], follow=True)

    assert [(response.status_code, "<title>Your details are deleted" in text_of(response)) for response in (first, second)] == [
        (200, True),
        (410, True),
    ]
    for response in map(client.get, pages):
        assert response.status_code == 410
        assert ("The personal" if response.request["PATH_INFO"] == pages[3] else "Your") + " details are deleted" in text_of(
            response
        )
    for page in map(text_of, [first, second, *map(client.get, pages)]):
        assert "Get the link to your page again" not in page
        assert traces(page) == []
    assert Event.objects.count() == events


# -- What goes, what stays ------------------------------------------------------------------------------------------------------


def test_no_trace_is_left_in_any_table(client, correspondence):
    expression, other = correspondence
    assert traces(dump()) == TRACES

    actions.erase(expression=expression)

    assert traces(dump()) == ["canary.zarina"]  # in the last mail, until it is sent
    queue.send_due()
    assert traces(dump()) == []
    assert not Note.objects.exists()
    other.refresh_from_db()
    assert other.name == "Aigul Focal-Point"
    assert OutgoingEmail.objects.get(key=f"receipt:{other.reference}").text
    assert not LogEntry.objects.exclude(object_repr="", change_message="").exists()


def test_counts_stay_right(correspondence):
    expression, other = correspondence

    actions.erase(expression=expression)

    stored = Referral.objects.order_by("expression", "pk").values_list("expression", "initiative__code", "status", "is_live")
    assert list(stored) == [
        (other.pk, "1103", "waiting", True),
        (expression.pk, "1103", "withdrawn", False),
        (expression.pk, "2206A", "withdrawn", False),
    ]
    expression.refresh_from_db()
    assert (expression.country.code, expression.is_erased, expression.withdrawn_at is not None) == ("KZ", True, True)
    kinds = Answer.objects.filter(referral__expression=expression).order_by("pk").values_list("kind", "period", "text")
    assert list(kinds) == [("need_information", "", ""), ("reply", "", ""), ("scheduled", "-", "")]


def test_event_says_who_erased_what_and_the_others_lose_their_words(correspondence, admin_user):
    expression, _other = correspondence

    assert actions.erase(expression=expression, staff=admin_user)
    assert not actions.erase(expression=expression, staff=admin_user)

    events = list(expression.events().values_list("what", "actor", "by", "why"))
    assert events[-1] == ("erased", "staff", admin_user.username, "")
    assert expression.events().last().codes == ["1103", "2206A"]
    assert [event for event in events if event[0] == "withdrawn"] == []
    assert {(actor, by, why) for _what, actor, by, why in events if actor != "staff"} == {
        ("visitor", "", ""),
        ("focal_point", "", ""),
        ("contact", "", ""),
    }
    assert {(by, why) for _what, actor, by, why in events if actor == "staff"} == {(admin_user.username, "")}


# -- By staff -------------------------------------------------------------------------------------------------------------------


def press(client, *expressions, **values):
    chosen = {"action": "erase_selected", "_selected_action": [expression.pk for expression in expressions]}
    return client.post("/admin/interest/expressionofinterest/", chosen | values, follow=True)


def test_staff_erase_after_one_more_question(admin_client, correspondence):
    expression, _other = correspondence
    before = everything_stored()

    page = text_of(press(admin_client, expression))
    assert f"{expression.reference} · Canary Zarina, Canary Ministry, Kazakhstan" in page
    assert everything_stored() == before
    assert "The details of 1 registration are deleted." in text_of(press(admin_client, expression, confirmed="1"))
    assert "The details of these registrations are deleted already." in text_of(press(admin_client, expression))

    queue.send_due()
    assert traces(dump()) == []
    assert [row.is_erased for row in ExpressionOfInterest.objects.order_by("pk")] == [False, True]
    detail = admin_client.get(f"/admin/interest/expressionofinterest/{expression.pk}/change/")
    assert detail.status_code == 200
    assert admin_client.get("/admin/interest/referral/").status_code == 200


def test_staff_without_the_right_cannot_erase(client, correspondence, django_user_model):
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(*Permission.objects.filter(codename__in=["view_expressionofinterest", "change_referral"]))
    client.force_login(viewer)

    press(client, correspondence[0], confirmed="1")

    assert not ExpressionOfInterest.objects.filter(erased_at__isnull=False).exists()


# -- Mails ----------------------------------------------------------------------------------------------------------------------


def test_contacts_are_told_by_a_mail_that_names_the_reference_and_nobody(correspondence, settings, mailoutbox):
    expression, _other = correspondence
    queue.send_due()
    mailoutbox.clear()

    actions.erase(expression=expression)
    queue.send_due()

    told = OutgoingEmail.objects.filter(kind="withdrawal").order_by("recipient")
    assert [(row.recipient, row.reply_to, row.state) for row in told] == [
        ("canary.default@unodc.example", settings.COALITION_EMAIL, "sent"),
        ("canary.healer@who.example", settings.COALITION_EMAIL, "sent"),
    ]
    for email in told:
        assert "The details of whoever asked were deleted" in email.text
        assert "/interest/" not in email.text + email.html
    sent = [email.message().as_bytes().decode() for email in mailoutbox if email.kind == "withdrawal"]
    assert [expression.reference in text for text in sent] == [True, True]
    assert [traces(text) for text in sent] == [[], []]


@pytest.mark.parametrize("state", ["queued", "retry", "held", "sending"])
def test_mail_about_the_person_that_has_not_left_is_not_sent(client, catalogue, mailoutbox, state):
    expression = confirmed(client, "1103", **PERSON)
    OutgoingEmail.objects.filter(kind__in=["receipt", "contact"]).update(state=state, lease_until=Now(), frozen=b"Canary wish")

    actions.erase(expression=expression)
    queue.send_due()

    about = OutgoingEmail.objects.exclude(kind__in=["withdrawal", "erased"]).values_list("kind", "state", "recipient", "text")
    assert set(about) == {(kind, "cancelled", "", "") for kind in ["verification", "contact", "receipt"]}
    assert {email.kind for email in mailoutbox} <= {"withdrawal", "erased"}


def test_person_is_told_once_by_a_mail_whose_row_then_forgets_them(client, catalogue, mailoutbox, admin_user):
    expression = confirmed(client, "1103", **PERSON)
    queue.send_due()
    mailoutbox.clear()

    actions.erase(expression=expression, staff=admin_user)
    actions.erase(expression=expression, staff=admin_user)
    while queue.send_due():
        pass

    [told] = [email for email in mailoutbox if email.kind == "erased"]
    assert told.to == [PERSON["email"]]
    assert told.subject == f"Done: your personal details are deleted ({expression.reference})"
    text = told.message().as_bytes().decode()
    assert traces(text) == ["canary.zarina"]
    assert "1103" in text
    assert "/interest/" not in text
    [row] = OutgoingEmail.objects.filter(kind="erased")
    assert (row.state, row.recipient, row.text, row.html, row.frozen) == ("sent", "", "", "", None)
    assert traces(dump()) == []


def test_held_mail_to_who_was_erased_or_confirmed_cannot_be_released(client, catalogue, admin_client):
    for expression, end in [(confirmed(client, "1103", **PERSON), actions.erase), (registered(client, "1104"), actions.verify)]:
        email = OutgoingEmail.objects.get(key=f"verify:{expression.reference}")
        OutgoingEmail.objects.filter(pk=email.pk).update(state="held")
        end(expression=expression)

        page = text_of(admin_client.get(f"/admin/mail/outgoingemail/{email.pk}/read/"))
        response = admin_client.post(f"/admin/mail/outgoingemail/{email.pk}/act/release/", follow=True)

        assert "Release" not in page
        assert "Not sent: it is out of date." in text_of(response)
        email.refresh_from_db()
        assert email.state == "cancelled"


@pytest.mark.parametrize("state", ["queued", "retry", "held", "sending"])
def test_earlier_withdrawal_still_goes_without_the_address(client, catalogue, settings, state):
    expression = confirmed(client, "1103", "2206A", **PERSON)
    queue.send_due()
    actions.withdraw(expression=expression, codes=["2206A"])
    waiting = OutgoingEmail.objects.filter(kind="withdrawal")
    assert waiting.get().reply_to == PERSON["email"]
    waiting.update(state=state, lease_until=Now(), frozen=f"Reply-To: {PERSON['email']}".encode())

    actions.erase(expression=expression)
    mail.release(ids=list(waiting.values_list("pk", flat=True)))
    while queue.send_due():
        pass

    assert traces(dump()) == []
    assert list(waiting.values_list("state", "reply_to")) == [("sent", settings.COALITION_EMAIL)] * 2


@pytest.mark.parametrize(("with_other", "state"), [(True, "queued"), (False, "cancelled")])
def test_reminder_that_waits_goes_out_only_for_the_others(correspondence, with_other, state):
    expression, other = correspondence
    concerned = [expression.referrals.first(), *(other.referrals.all() if with_other else [])]
    email = mail.write(
        kind="reminder",
        key=f"reminder:{emails.hash_of('canary.default@unodc.example')}:{date(2026, 11, 22)}",
        recipient="canary.default@unodc.example",
        reply_to="coalition@example.org",
        subject="Reminder",
        text="Canary wish",
        html="",
        language="en",
    )
    inquire(email=email, referrals=concerned, step=Inquiry.Step.REMINDER)

    actions.erase(expression=expression)

    email.refresh_from_db()
    assert (email.state, bool(email.text)) == (state, with_other)
    if with_other:
        queue.send_due()
        actions.forget()
        email.refresh_from_db()
        assert (email.state, email.text, email.recipient) == ("sent", "", "canary.default@unodc.example")


# -- At the same time, and afterwards -------------------------------------------------------------------------------------------


def test_correction_that_comes_too_late_writes_nothing(client, catalogue):
    expression = confirmed(client, "1103", **PERSON)
    actions.erase(expression=expression)

    with pytest.raises(links.ErasedLinkError):
        actions.correct(expression=expression, **DETAILS)

    queue.send_due()
    assert traces(dump()) == []


def test_database_refuses_details_of_who_was_erased(client, catalogue):
    expression = confirmed(client, "1103")
    actions.erase(expression=expression)

    with pytest.raises(IntegrityError, match="erased_has_no_details"), transaction.atomic():
        ExpressionOfInterest.objects.update(name="Somebody")


def test_link_to_an_erased_request_is_mailed_to_nobody(client, catalogue):
    expression = confirmed(client, "1103", **PERSON)
    queue.send_due()
    asked = answer_link()
    actions.erase(expression=expression)
    number = OutgoingEmail.objects.count()

    assert client.post(LINK, {"reference": expression.reference, "email": PERSON["email"]}).status_code == 302
    assert client.post(asked, {"fresh": "1"}, follow=True).status_code == 410
    assert OutgoingEmail.objects.count() == number


def test_same_form_sent_again_is_a_new_registration(client, catalogue):
    form = answers("1103", **PERSON)
    client.post("/interest/register/", form)
    expression = ExpressionOfInterest.objects.get()
    actions.verify(expression=expression)
    actions.erase(expression=expression)

    client.post("/interest/register/", form)

    again = ExpressionOfInterest.objects.kept().get()
    actions.verify(expression=again)
    assert [(row.is_live, row.already_live) for row in again.referrals.all()] == [(True, None)]


def test_unverified_form_is_deleted_with_its_mail(client, catalogue, admin_user):
    expression = registered(client, "1103", **PERSON)

    assert actions.erase(expression=expression, staff=admin_user)

    assert not ExpressionOfInterest.objects.exists()
    assert not OutgoingEmail.objects.exists()
    assert list(expression.events().values_list("what", "actor")) == [("registered", "visitor"), ("erased", "staff")]


def test_erasing_is_all_or_nothing(client, catalogue, monkeypatch):
    expression = confirmed(client, "1103", **PERSON)
    before = everything_stored()
    monkeypatch.setattr(erasing, "empty_events", lambda _expressions: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        actions.erase(expression=expression)

    assert everything_stored() == before
