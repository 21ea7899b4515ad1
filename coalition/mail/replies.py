"""What an answer of the mail server means. The code and the point of the dialogue decide, not the class of an error."""

import smtplib
from dataclasses import dataclass
from enum import Enum

from coalition.mail.models import Stage

CLASSES = {
    smtplib.SMTPSenderRefused: Stage.SENDER,
    smtplib.SMTPRecipientsRefused: Stage.RECIPIENT,
    smtplib.SMTPDataError: Stage.CONTENT,
}
PROPER, FOR_GOOD = range(200, 600), 500  # RFC 5321 §4.2.1
WORDS_LENGTH = 500


class Meaning(Enum):
    PAUSE = "Nothing can be sent now. No mail is to blame, so none is counted or ended."
    END = "This mail will never be taken."
    RETRY = "This mail may be taken later."


@dataclass(frozen=True)
class Reply:
    """`code` is None if the server gave no proper answer."""

    stage: Stage
    code: int | None
    words: str

    @property
    def meaning(self) -> Meaning:
        """The first line that fits counts."""
        match self.stage, self.code or 0:
            case Stage.OPENING, _:  # name service, connection, TLS, password, greeting
                return Meaning.PAUSE
            case _, 421 | 454 | 530 | 534 | 535:  # closing down; TLS or password wanted; password refused
                return Meaning.PAUSE
            case Stage.SENDER, 552:  # too large, as announced with the sender (RFC 1870 §6.1)
                return Meaning.END
            case Stage.RECIPIENT | Stage.CONTENT, code if code >= FOR_GOOD:
                return Meaning.END
            case _:  # also 5xx at the sender, which is the same in every mail, and a connection that broke off
                return Meaning.RETRY


def read(error: OSError, *, opening: bool = False) -> Reply:
    """The errors of smtplib, TLS and time-outs are all kinds of OSError."""
    stage = Stage.OPENING if opening else CLASSES.get(type(error), Stage.BROKEN)
    text: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, text = error.smtp_code, error.smtp_error
    else:
        code, text = 0, f"{type(error).__name__}: {error}"
    words = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    # smtplib says -1 for an answer that has no code.
    return Reply(stage, code if code in PROPER else None, words.replace("\x00", "")[:WORDS_LENGTH])
