"""Makes and reads the links that are mailed. Nothing secret is stored: a link is a row's reference and link version, signed.

The reference stands for the row's id, because counting numbers in addresses tell how many there are. Each purpose has its own
salt, so one kind of link cannot be turned into another. Life and revocation are read from the row.
"""

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models.functions import Now
from django.urls import reverse

from interest.models import ExpressionOfInterest

VERIFICATION_LIFE = timedelta(hours=72)
STATUS_LIFE = timedelta(days=730)


class LinkError(Exception):
    """Why a link does not work any more. `expression` is set where it is known and safe to show."""

    status = 404
    reason = "bad"

    def __init__(self, expression: ExpressionOfInterest | None = None) -> None:
        super().__init__()
        self.expression = expression


class BadLinkError(LinkError):
    """Damaged, made up, or for a row that is gone."""


class RevokedLinkError(LinkError):
    """Replaced by a newer one: the row's link version was raised."""

    status = 410
    reason = "revoked"


class ExpiredLinkError(LinkError):
    """Older than its life."""

    status = 410
    reason = "expired"


def signer(purpose: str) -> Signer:
    return Signer(salt=f"interest.{purpose}", sep=".")


def path(purpose: str, expression: ExpressionOfInterest) -> str:
    token = signer(purpose).sign(f"{expression.reference}.{expression.link_version}")
    return reverse(f"interest:{purpose}", args=[token])


def verification_link(expression: ExpressionOfInterest) -> str:
    return settings.SITE_URL + path("verify", expression)


def status_path(expression: ExpressionOfInterest) -> str:
    return path("status", expression)


def status_link(expression: ExpressionOfInterest) -> str:
    return settings.SITE_URL + status_path(expression)


def read(purpose: str, token: str, *, life: timedelta) -> tuple[ExpressionOfInterest, bool]:
    """The row that a token names, and whether its life is over by the database's clock. Raises BadLinkError, RevokedLinkError."""
    try:
        reference, version = signer(purpose).unsign(token).split(".")
        expression = ExpressionOfInterest.objects.annotate(now=Now()).get(reference=reference)
    except (BadSignature, ExpressionOfInterest.DoesNotExist) as error:
        raise BadLinkError from error
    if version != str(expression.link_version):
        raise RevokedLinkError
    return expression, expression.now - expression.created_at > life


def read_verification(token: str) -> ExpressionOfInterest:
    """Raises a LinkError. A link that was used goes on working, so that a second click explains itself."""
    expression, is_over = read("verify", token, life=VERIFICATION_LIFE)
    if is_over and not expression.is_verified:
        raise ExpiredLinkError(expression)
    return expression


def read_status(token: str) -> ExpressionOfInterest:
    """Raises a LinkError."""
    expression, is_over = read("status", token, life=STATUS_LIFE)
    if is_over:
        raise ExpiredLinkError
    return expression
