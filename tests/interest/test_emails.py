"""Every kind of mail as its reader sees it: with the longest words, in the narrowest window, and with the right subject."""

import re
import uuid
from datetime import date

import pytest
from django.conf import settings
from django.db.models.functions import Now

from coalition.mail import messages
from coalition.mail.models import OutgoingEmail, Pause
from initiatives import changes
from initiatives.models import Initiative
from interest import actions, emails, inbox
from interest.links import Asked
from tests import factories
from tests.interest.subscribing import sleep

pytestmark = pytest.mark.django_db
KINDS = sorted(folder.name for folder in (settings.BASE_DIR / "templates" / "emails").iterdir() if folder.is_dir())
# Mails that want their reader to do something say so: Please.
SUBJECTS = {
    "answer": "Please give information about your interest ({})",
    "answer_link": "Your new link to answer ({})",
    "digest": "What changed: 2 initiatives you follow",
    "contact": "Please answer: request from Kazakhstan about 2 initiatives ({})",
    "deputy": "You are asked as well: request from Kazakhstan ({})",
    "list": "Your list: 1 request waits for your answer",
    "recorded_list": "Your answer to 1 request on your list is recorded",
    "correction": "Corrected: who asks you ({})",
    "erased": "Done: your personal details are deleted ({})",
    "notice": "Done: your interest is withdrawn ({})",
    "receipt": "Your interest was passed on: receipt {}",
    "recorded": "Your answer to Kazakhstan is recorded ({})",
    "reminder": "Reminder, please answer: request from Kazakhstan ({})",
    "reply": "Please answer: here is the information you asked for ({})",
    "subscribe": "Please confirm: mails about what changes",
    "subscriptions": "The link to your subscriptions",
    "status_link": "The link to your status page ({})",
    "verification": "Please confirm your e-mail address ({})",
    "withdrawal": "Withdrawn: a request you were asked about ({})",
    "workday": "Please look: 2 requests wait for the Coalition’s staff (22 November 2026)",
}
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 50
ADDRESS = f"{'a' * 64}@{'.'.join(['b' * 59] * 3)}.example"
# Behind the button. The mail to staff has links to lists besides.
BUTTON = re.compile(r"http://testserver/(interest/|admin/$)")
LINK = f"https://who.example/{LONG}"


@pytest.fixture
def hostile(unodc):
    """One mail of each kind, nearly all about one request with a long word in every field."""
    for code in ("1103", "1104"):
        factories.initiative(code, lead=unodc, title=LONG[:351])
    changes.record()
    unodc.name = LONG[:200]
    unodc.save()
    expression = actions.verify(expression=register())
    contact = OutgoingEmail.objects.get(kind="contact")
    OutgoingEmail.objects.filter(pk=contact.pk).update(state="sent", accepted_at=Now(), attempts=1)
    contact.refresh_from_db()
    asked = Asked(expression, contact)
    answer_by_list(contact)
    said = {"kind": "need_information", "text": f"{LINK}\n{LONG[:3000]}"}
    actions.answer(asked=asked, key=uuid.uuid4(), contents={"1103": said, "1104": said}, shares_address=True)
    actions.reply(expression=expression, key=uuid.uuid4(), texts={"1103": LINK, "1104": LONG[:4000]})
    actions.correct(expression=expression, **details("y"))
    actions.send_answer_link(asked=asked)
    remind(contact)
    brief_staff(contact)
    actions.send_status_link(reference=expression.reference, email=ADDRESS)
    actions.withdraw(expression=expression, codes=["1103"])
    emails.erased(expression, recipient=ADDRESS, referrals=list(expression.referrals.all()))
    follow()
    return expression


def follow():
    """Somebody with a long address follows everything, and every text of it changes."""
    asking = {"email": ADDRESS, "query": "", "frequency": "daily", "language": "en"}
    actions.confirm(subscription=actions.subscribe(**asking))
    actions.subscribe(**asking)
    for initiative in Initiative.objects.all():
        initiative.summary = f"{LINK} {LONG}"
        initiative.save()
    changes.record()
    sleep()
    actions.send_digests()


def remind(contact):
    asks = list(contact.inquiries.all())
    for ask in asks:
        ask.referral.asked_at = contact.accepted_at
    emails.reminder(asks=asks, day=date(2026, 11, 22))
    emails.deputy(referrals=[ask.referral for ask in asks], day=date(2026, 11, 22))


def brief_staff(contact):
    work = inbox.Waiting(LONG, LONG, 2, "/admin/interest/referral/", [(ask.referral, 5) for ask in contact.inquiries.all()])
    pause = Pause(since=contact.accepted_at)
    emails.workday(day=date(2026, 11, 22), total=2, works=[work], undelivered=3, pause=pause)


def answer_by_list(contact):
    [chosen] = {ask.referral.expression.reference for ask in contact.inquiries.all()}
    content = {"kind": "noted", "text": f"{LINK}\n{LONG[:3000]}", "period": ""}
    actions.send_list(email=contact)
    actions.answer_together(email=contact, key=uuid.uuid4(), chosen={chosen: ["1103", "1104"]}, content=content)


def details(sign):
    return {"name": sign * 150, "job_title": sign * 150, "institution": sign * 200, "phone": sign * 50}


def register():
    return actions.register(
        key=uuid.uuid4(),
        initiatives=list(Initiative.objects.all()),
        country="KZ",
        email=ADDRESS,
        message=f"{LINK}\n{'A rather long line of short words. ' * 9}",
        language="en",
        **details("x"),
    )


def mails():
    return {email.kind: email for email in OutgoingEmail.objects.order_by("pk")}


def test_every_kind_of_mail_says_by_its_subject_what_it_wants(hostile):
    made = {kind: email.subject for kind, email in mails().items()}

    assert made == {kind: subject.format(hostile.reference) for kind, subject in SUBJECTS.items()}
    assert sorted(made) == KINDS


@pytest.mark.parametrize("width", [320, 600])
def test_every_kind_of_mail_fits_into_a_window_however_long_its_words_are(hostile, page, width):
    for email in mails().values():
        page.set_viewport_size({"width": width, "height": 640})
        page.set_content(email.html)
        assert (email.kind, page.evaluate("document.documentElement.scrollWidth")) == (email.kind, width)
    assert page.complaints == []


def test_every_kind_of_mail_has_lines_of_72_columns_and_whole_links(hostile):
    for email in mails().values():
        text = messages.parse(messages.build(email)).get_payload(0).get_payload(decode=True).decode()
        lines = text.splitlines()
        assert [line for line in lines if len(line) > 72 and max(map(len, line.split())) <= 60] == []
        assert lines[-3] == "-- "
        for word in email.text.split():
            assert word in text.split()


def test_every_kind_of_mail_has_a_button_the_bare_link_and_no_style_sheet(hostile):
    for kind, email in mails().items():
        found = {word for word in email.text.split() if BUTTON.match(word)}
        # After the last mail to somebody whose details are gone, nothing is left to open.
        assert (kind, len(found)) == (kind, 0 if kind == "erased" else 1)
        for link in found:
            assert (kind, email.html.count(f'<a href="{link}"'), email.html.count(f">{link}</a>")) == (kind, 2, 1)
        assert "<style" not in email.html
        assert 'name="viewport"' in email.html
        assert len(re.findall('<(?:html|table)[^>]* lang="en" dir="ltr"', email.html)) == 2


def test_receipt_without_anything_new_speaks_of_nobody_who_reads_or_answers(unodc):
    factories.initiative("1103", lead=unodc)
    actions.verify(expression=register())
    again = actions.verify(expression=register())
    email = OutgoingEmail.objects.get(key=f"receipt:{again.reference}")

    assert email.subject == f"Nothing new to pass on: receipt {again.reference}"
    for part in (email.text, email.html):
        assert "nothing new to pass on" in part
        assert "you registered for it before" in part
        assert "what they read about you" not in part.lower()
        assert "answers come by mail" not in part.lower()
        assert "x" * 50 not in part
