"""Addresses the portal will write to: fewer than RFC 5321 allows, because some of what it allows serves only abuse."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# A dot-atom (RFC 5322 §3.2.3) without %, ! and |, with which old mail servers route onwards, and without = and ?, with which
# an encoded word (RFC 2047 §2) would hide another address. No quoted local parts.
LOCAL_PART = re.compile(r"[\w#$&'*+/^{}~-]+(\.[\w#$&'*+/^{}~-]+)*", re.ASCII)
# Letters, digits and hyphens with at least one dot; the last label has a letter, so it is no IP address.
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?=[a-z0-9-]*[a-z])[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])", re.ASCII)
# RFC 5321 §4.5.3.1; the whole is what fits into a path of 256 characters with its angle brackets.
LOCAL_PART_LENGTH = 64
ADDRESS_LENGTH = 254
PROBLEM = _("Enter an e-mail address such as name@ministry.example, without a name or other signs around it.")


def clean(address: str) -> str:
    """The address with its domain in lower case and ASCII (IDNA). Raises ValidationError if it is not one we write to."""
    local, at, domain = address.strip(" ").rpartition("@")
    try:
        domain = domain.lower().encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValidationError(PROBLEM, code="invalid") from error
    cleaned = f"{local}{at}{domain}"
    fits = len(local) <= LOCAL_PART_LENGTH and len(cleaned) <= ADDRESS_LENGTH
    if not (fits and LOCAL_PART.fullmatch(local) and DOMAIN.fullmatch(domain)):
        raise ValidationError(PROBLEM, code="invalid")
    return cleaned


def is_usable(address: str) -> bool:
    try:
        clean(address)
    except ValidationError:
        return False
    return True


def normalize(address: str) -> str:
    """What two spellings of one mailbox have in common: case does not count, though RFC 5321 §2.4 would let it."""
    return clean(address).lower()
