"""What happens to interest. Every page, command and API calls these; each is one transaction, and each may be repeated."""

from interest.actions.answering import (
    AnsweredContent,
    NothingToAnswerError,
    TooManyAnswersError,
    TooManyRepliesError,
    answer,
    answer_for,
    reply,
    send_answer_link,
)
from interest.actions.briefing import brief_staff
from interest.actions.digesting import send_digests
from interest.actions.erasing import erase
from interest.actions.following import TooManyCorrectionsError, correct, send_status_link, withdraw
from interest.actions.forgetting import forget
from interest.actions.listing import answer_together, send_list, waiting_for
from interest.actions.noting import note
from interest.actions.pursuing import pursue_silence
from interest.actions.redirecting import Decision, NothingWaitsError, Scope, redirect
from interest.actions.registering import lock_address, register, verify
from interest.actions.renewing import ReplacedTodayError, replace_links
from interest.actions.replacing import DETAILS, ContactChangedError, Person
from interest.actions.subscribing import change_frequency, confirm, send_subscriptions_link, subscribe, unsubscribe

__all__ = [
    "DETAILS",
    "AnsweredContent",
    "ContactChangedError",
    "Decision",
    "NothingToAnswerError",
    "NothingWaitsError",
    "Person",
    "ReplacedTodayError",
    "Scope",
    "TooManyAnswersError",
    "TooManyCorrectionsError",
    "TooManyRepliesError",
    "answer",
    "answer_for",
    "answer_together",
    "brief_staff",
    "change_frequency",
    "confirm",
    "correct",
    "erase",
    "forget",
    "lock_address",
    "note",
    "pursue_silence",
    "redirect",
    "register",
    "replace_links",
    "reply",
    "send_answer_link",
    "send_digests",
    "send_list",
    "send_status_link",
    "send_subscriptions_link",
    "subscribe",
    "unsubscribe",
    "verify",
    "waiting_for",
    "withdraw",
]
