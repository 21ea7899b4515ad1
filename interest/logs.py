"""Keeps mailed links out of the logs."""

import logging
import re

# The address of a page behind a mailed link; and a signed token wherever else it stands, also in an address with escapes.
PATH = re.compile(r"(/interest/(?:verify|status|answer|requests|confirm|subscriptions|unsubscribe)/)[^/\s?\"']+")
# Strangers write into logs by what they ask for. Every part has an end, so the time grows only with the length of a line.
TOKEN = re.compile(r"(?:(?:EOI|SUB)-\d{4}-\w{6}|(?:list|reminder)\.[0-9a-f]{16})(?:\.[\w-]{1,40}){0,6}\.[\w-]{43}(?![\w-])")


def without_tokens(text: str) -> str:
    return TOKEN.sub("…", PATH.sub(r"\1…", text))


class WithoutTokens(logging.Filter):
    """Whoever reads a token in a log could act for the person it was mailed to."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if (cleaned := without_tokens(message)) != message:
            record.msg, record.args = cleaned, ()
        if record.exc_info and not record.exc_text:
            # Formatters keep to this text; the message of an exception may name the address that was asked for.
            record.exc_text = without_tokens(logging.Formatter().formatException(record.exc_info))
        return True
