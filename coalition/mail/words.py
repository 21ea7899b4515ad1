"""The state of a mail, and of all mail, in words for staff: what happened, why, and what happens next."""

from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coalition.mail.models import OutgoingEmail, Pause, Stage

State = OutgoingEmail.State
UNDELIVERED = gettext_lazy("Mails that could not be delivered")
KEPT_BACK = gettext_lazy("Mails that the portal holds until you release them")


def moment(time: datetime | None) -> str:
    return formats.date_format(timezone.localtime(time), "DATETIME_FORMAT") if time else ""


def answer(*, code: int | None, text: str) -> str:
    return f"{code or ''} {text}".strip()


def state(email: OutgoingEmail) -> str:
    if email.is_kept_back:
        return _("Held by the portal")
    return _("Sent, but it came back") if email.was_returned else email.get_state_display()


def reason(email: OutgoingEmail) -> str:
    return " ".join(filter(None, [last_answer(email), what_next(email), afterwards(email)]))


def what_next(email: OutgoingEmail) -> str:
    if email.superseded_at and email.state in (*OutgoingEmail.FAILED, State.CANCELLED, State.HELD):
        return _("It is out of date since %(time)s, so it will not be sent.") % {"time": moment(email.superseded_at)}
    if email.is_kept_back:
        return _("The portal holds it: very many forms named this address. It is sent once you release it.")
    return {
        State.QUEUED: _("It waits for its turn."),
        State.SENDING: _("It is being handed to the mail server right now."),
        State.RETRY: _("It will be tried again on %(time)s.") % {"time": moment(email.next_attempt_at)},
        State.HELD: _("Staff hold it. It is sent once somebody releases it."),
        State.SENT: _("The mail server took it on %(time)s.") % {"time": moment(email.accepted_at)},
        State.PERMANENT_FAILURE: _("It will not be tried again unless you send it again."),
        State.TEMPORARY_FAILURE: _("It was tried for three days, and will not be tried again unless you send it again."),
        State.PARKED: _("Whoever tried to send it failed, five times. It is put aside so that the others get through."),
        State.CANCELLED: _("It was canceled before it was sent."),
    }[State(email.state)]


def afterwards(email: OutgoingEmail) -> str:
    """What the mail provider told us after it took the mail."""
    told = []
    if email.was_returned:
        values = {"time": moment(email.returned_at), "said": email.returned_text or "?"}
        told.append(_("It came back on %(time)s, so its reader does not have it: “%(said)s”.") % values)
    elif email.delivered_at:
        told.append(_("It reached its reader’s mail server on %(time)s.") % {"time": moment(email.delivered_at)})
    if email.complained_at:
        told.append(_("Its reader reported it as spam on %(time)s.") % {"time": moment(email.complained_at)})
    return " ".join(told)


def last_answer(email: OutgoingEmail) -> str:
    """Why it was not taken the last time, with the server's own words."""
    said = answer(code=email.last_code, text=email.last_text)
    if not said:
        return ""
    return {
        Stage.SENDER: _("The mail server does not take mail from our own address: “%(said)s”."),
        Stage.RECIPIENT: _("The mail server does not take this recipient’s address: “%(said)s”."),
        Stage.CONTENT: _("The mail server does not take this mail: “%(said)s”."),
        Stage.BROKEN: _("The mail server did not answer to the end, so it may have arrived or not: “%(said)s”."),
    }.get(Stage(email.last_stage or Stage.OPENING), _("It could not be sent: “%(said)s”.")) % {"said": said}


def why_paused(pause: Pause) -> str:
    match pause.code:
        case 421:
            return _("The mail server is closing down or has too much to do.")
        case 454 | 530:
            return _("The mail server wants encryption or a login that we do not offer, or cannot offer it now.")
        case 534 | 535:
            return _("The mail server does not take our user name and password.")
        case None:
            return _("The mail server cannot be reached safely.")
    return _("The mail server turns us away.")


def all_paused(pause: Pause) -> str:
    return _(
        "No mail goes out since %(since)s. %(why)s In its words: “%(said)s”. Nothing is lost and no mail counts as failed: "
        "one is tried every minute, next on %(next)s, and once that works all others follow at once."
    ) % {
        "since": moment(pause.since),
        "why": why_paused(pause),
        "said": answer(code=pause.code, text=pause.text),
        "next": moment(pause.next_probe_at),
    }
