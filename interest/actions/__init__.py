"""What happens to interest. Every page, command and API calls these; each is one transaction, and each may be repeated."""

from interest.actions.answering import (
    AnsweredContent,
    NothingToAnswerError,
    answer,
    answer_for,
    reply,
    send_answer_link,
)
from interest.actions.following import TooManyCorrectionsError, correct, send_status_link, withdraw
from interest.actions.registering import TooManyUnverifiedError, lock_address, register, verify

__all__ = [
    "AnsweredContent",
    "NothingToAnswerError",
    "TooManyCorrectionsError",
    "TooManyUnverifiedError",
    "answer",
    "answer_for",
    "correct",
    "lock_address",
    "register",
    "reply",
    "send_answer_link",
    "send_status_link",
    "verify",
    "withdraw",
]
