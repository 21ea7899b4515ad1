"""How often something may be done, counted in the database by its clock: exact however many ask at once; without it nothing may.

Whoever sends too many forms is told to come back later. Whoever is written to is never told: their mails wait for their turn,
so that no form that was accepted is lost, and nobody learns who has registered (reliability C5, C8).
"""

import logging
import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from coalition.mail import addresses
from interest.models import Use

logger = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NO_WAIT = timedelta(0)


class Rule(NamedTuple):
    """At most so many within any stretch of time of this length."""

    number: int
    within: timedelta


# What reliability C5 promises for one mailbox.
MAILBOX = [Rule(1, timedelta(minutes=15)), Rule(3, timedelta(hours=6)), Rule(5, DAY)]
# The link in a mail that waits longer would have little of its life left.
LONGEST_WAIT = timedelta(hours=36)
# Whoever confirmed an address has each office written to so often, with however many requests; what is more comes a day later.
OFFICE = [Rule(10, DAY)]
CORRECTIONS = [Rule(5, DAY)]
# In how many requests one person may have all links replaced. Of each request they may be replaced once a day anyway.
REPLACEMENTS = [Rule(5, DAY)]
REPLIES = [Rule(20, DAY)]
LOGIN = [Rule(10, timedelta(minutes=5))]
# From all networks. So many that nobody keeps an editor out by guessing wrong on purpose, unless from ten networks at once.
LOGIN_OF_NAME = [Rule(100, timedelta(minutes=5))]
ALARM = [Rule(1, HOUR)]


class TooManyError(Exception):
    """More than may be. `wait` is how long until one more may be tried."""

    def __init__(self, what: str, wait: timedelta) -> None:
        super().__init__(what)
        self.what = what
        self.wait = wait


class Counter(NamedTuple):
    """Something that is counted: what, whose, and the rules for it."""

    what: str
    whose: str
    rules: Sequence[Rule]

    @property
    def key(self) -> str:
        """Tells nothing to whoever reads the table without the site's secret."""
        return salted_hmac(f"interest.limits.{self.what}", self.whose, algorithm="sha256").hexdigest()

    def wait(self) -> timedelta:
        """How long until one more may be. Call it while holding the lock.

        Uses that lie in the future count too. One more comes a whole `within` after the last but `number - 1` of all, so no
        stretch of time ever has more than `number`.
        """
        longest = max(rule.within for rule in self.rules)
        ages = Use.objects.filter(key=self.key, at__gt=Now() - longest).annotate(age=Now() - F("at")).order_by("-at")
        found: list[timedelta] = list(ages.values_list("age", flat=True)[: max(rule.number for rule in self.rules)])
        waits = [rule.within - found[rule.number - 1] for rule in self.rules if len(found) >= rule.number]
        return max([NO_WAIT, *waits])


def lock(*counters: Counter) -> None:
    """Lets one transaction at a time count these. To wait for each other in one order: network, everybody, mailbox, domain."""
    locks = ", ".join(["pg_advisory_xact_lock(hashtextextended(%s, 0))"] * len(counters))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {locks}", [counter.key for counter in counters])


@transaction.atomic
def take(*counters: Counter) -> None:
    """Counts one more of each, or none. Raises TooManyError."""
    lock(*counters)
    for counter in counters:
        if wait := counter.wait():
            raise TooManyError(counter.what, wait)
    Use.objects.bulk_create(Use(key=counter.key) for counter in counters)


# -- Forms and logins ----------------------------------------------------------------------------------------------------------


def take_form(what: str, network: str) -> None:
    """One more form from this network, and from everybody. Raises TooManyError."""
    of_network = Counter(f"{what} of a network", network, [Rule(settings.FORMS_PER_NETWORK_HOUR, HOUR)])
    of_everybody = Counter(f"{what} of everybody", "", [Rule(settings.FORMS_PER_HOUR, HOUR)])
    take(*([of_network] if network else []), of_everybody)


def take_login(username: str, network: str) -> None:
    """One more try to sign in. Call it before the password is looked at. Raises TooManyError.

    The name is folded further than Django does, which takes a full-width letter for a plain one.
    """
    name = unicodedata.normalize("NFKC", username).strip().casefold()
    take(Counter("login of a name", name, LOGIN_OF_NAME), Counter("login from a network", network, LOGIN))


def alarm(error: TooManyError) -> None:
    """Tells staff through the log, once an hour, that the limit for everybody is reached: an attack, or a success."""
    if not error.what.endswith("everybody"):
        return
    try:
        take(Counter("alarm", error.what, ALARM))
    except TooManyError:
        return
    logger.error("Too many in an hour: %s. Visitors are asked to come back later. FORMS_PER_HOUR sets the limit.", error.what)


# -- Mail to an address that nobody has confirmed yet --------------------------------------------------------------------------


def mailbox(address: str) -> str:
    """What the spellings with which one mailbox can be flooded have in common: tags after a plus sign, and dots."""
    local, _at, domain = addresses.normalize(address).rpartition("@")
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"


def book_mail(address: str, *, about: str) -> timedelta:
    """Takes the next turn for a mail to this address, and says how long it must wait. By `about` the turn is given back."""
    whole = mailbox(address)
    # Against many invented addresses at one small domain. A ministry that registers together sits in one network, and has half
    # as much again; what is more comes an hour later.
    of_domain = [Rule(settings.FORMS_PER_NETWORK_HOUR * 3 // 2, HOUR)]
    counters = [Counter("mail to a mailbox", whole, MAILBOX), Counter("mail to a domain", whole.rpartition("@")[2], of_domain)]
    lock(*counters)
    wait = max(counter.wait() for counter in counters)
    Use.objects.bulk_create(Use(key=counter.key, about=about, at=Now() + wait) for counter in counters)
    return wait


def give_back(about: str) -> None:
    """Somebody wanted this mail, so it does not count any more."""
    Use.objects.filter(about=about).delete()


def bring_forward(about: str) -> None:
    """The mail about it goes now, in the place of one that was given back."""
    Use.objects.filter(about=about).update(at=Now())


# -- Mail to an office, because of somebody who confirmed an address -----------------------------------------------------------


def book_mail_to_office(address: str, office: str) -> timedelta:
    """Takes the next turn for a mail that the owner of the first address causes to the second. Returns how long it must wait."""
    cause = mailbox(address)
    lock(Counter("mail because of a mailbox", cause, []))  # one for all offices, because they are booked in any order
    counter = Counter("mail to an office because of a mailbox", f"{cause} {mailbox(office)}", OFFICE)
    wait = counter.wait()
    Use.objects.create(key=counter.key, at=Now() + wait)
    return wait


def take_list(address: str) -> None:
    """One more list of what waits for this address, which whoever has one of its links can ask for. Raises TooManyError."""
    take(Counter("lists of a mailbox", mailbox(address), MAILBOX))


def take_correction(address: str) -> None:
    """One more correction in any request from this address. Raises TooManyError."""
    take(Counter("corrections of a mailbox", mailbox(address), CORRECTIONS))


def take_replacement(address: str) -> None:
    """All links of one more request from this address are replaced. Raises TooManyError."""
    take(Counter("replacements of a mailbox", mailbox(address), REPLACEMENTS))


def take_reply(address: str) -> None:
    """One more form with information in any request from this address. Raises TooManyError."""
    take(Counter("replies of a mailbox", mailbox(address), REPLIES))


# -- Where a request comes from ------------------------------------------------------------------------------------------------


def network_of(request: HttpRequest) -> str:
    """The network of the visitor: an IPv4 address, or the /64 that one IPv6 customer has.

    A stranger can write anything into X-Forwarded-For, except for what our own proxies add at its end. So the visitor is the
    last hop that is none of TRUSTED_PROXIES; without those the header is not read at all (ASVS 15.3.4).
    """
    trusted = [ip_network(name) for name in settings.TRUSTED_PROXIES]
    hops = [request.META.get("REMOTE_ADDR", ""), *reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(","))]
    network = ""
    for hop in hops:
        try:
            address = ip_address(hop.strip())
        except ValueError:
            break
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        address = mapped or address
        network = str(ip_network((address, 32 if address.version == 4 else 64), strict=False))  # noqa: PLR2004
        if not any(address in known for known in trusted):
            break
    return network


def forget_old() -> int:
    """Deletes what no rule looks at any more, and says how many. Nothing here is kept for longer than a day."""
    return Use.objects.filter(at__lt=Now() - DAY).delete()[0]
