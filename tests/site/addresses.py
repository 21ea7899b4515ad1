"""Every public address of the site, found from the URL resolver, so that a new page cannot be forgotten."""

from collections.abc import Iterator
from types import SimpleNamespace

from django.db.models.functions import Now
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from initiatives.models import Initiative, Organization, SubWorkingGroup
from interest import links
from interest.models import ExpressionOfInterest, Subscriber, Subscription
from trainings.models import Training

# Addresses that strangers cannot open, that answer by what works just now, or that only take a form; and those that are no pages.
NOT_PUBLIC = {"admin", "healthz_worker", "mail_events", "interest:replace_links"}
FEEDS = {
    f"initiatives:{name}" for name in ("feed", "changes_feed", "initiative_feed", "sub_working_group_feed", "organization_feed")
}
NO_PAGE = FEEDS | {"healthz", "api", "trainings:calendar"}
# Streams and files: tests/exports reads them as their programs would.
FILES = {"initiatives:export_csv", "initiatives:export_xlsx", "initiatives:briefing_pdf"}
# What these pages show in other cases than the one that the resolver leads to.
SUBSCRIBER_PAGES = {"interest:confirm", "interest:subscriptions", "interest:unsubscribe"}
CASES = {
    "nothing-found": "/initiatives/?search=xyzzy",
    "filtered": "/initiatives/?search=training&topic=opioids&country=KZ&support=nonsense",
    "listing": "/initiatives/?view=table&search=training",
    "comparison": "/initiatives/compare/?code=1101&code=2101&code=3224",
    "comparison-with-problems": "/initiatives/compare/?code=1101&code=9999",
    "countries-to-choose": "/countries/?search=guin",
    "filtered-trainings": "/trainings/?country=KZ&organization=nonsense",
    "country-without-anything": "/countries/fr/",
    "organization-alone": "/organizations/ioc/",
    "briefing-for-a-country": "/initiatives/briefing/?country=KZ&topic=opioids&support=nonsense",
    "briefing-of-nothing": "/initiatives/briefing/?code=9999",
    "filled-shortlist": "/interest/?initiative=1101&initiative=2206A",
    "filled-form": "/interest/register/?initiative=1101",
    "not-kept-shortlist": "/interest/?kept=1101",
}


def names(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from names(pattern.url_patterns, inner)
        else:
            yield prefix + (pattern.name or ""), pattern


def argument(name: str, parameter: str) -> str:
    """A value for a parameter of an address: one that has something to show."""
    if name in SUBSCRIBER_PAGES:
        return subscriber_token(name.split(":")[1])
    if parameter == "token":
        # The form to verify needs one that is not verified yet (they come last), the other pages one that is.
        found = ExpressionOfInterest.objects.order_by("verified_at")
        expression = found.last() if name == "interest:verify" else found.first()
        assert expression
        return token_of(name.split(":")[1], expression)
    values = {
        ("initiatives:initiative", "code"): Initiative.objects.published().first(),
        ("initiatives:initiative_feed", "code"): Initiative.objects.published().first(),
        ("initiatives:sub_working_group_feed", "number"): SubWorkingGroup.objects.first(),
        ("initiatives:organization_feed", "slug"): Organization.objects.first(),
        ("initiatives:sub_working_group", "number"): SubWorkingGroup.objects.first(),
        ("initiatives:organization", "slug"): Organization.objects.filter(initiative_links__role="lead").first(),
        ("country", "code"): SimpleNamespace(code="kz"),
        ("trainings:training", "slug"): Training.objects.published().first(),
        ("api:initiative-detail", "code"): Initiative.objects.published().first(),
        ("api:workinggroup-detail", "number"): None,
        ("api:subworkinggroup-detail", "number"): SubWorkingGroup.objects.first(),
        ("api:organization-detail", "slug"): Organization.objects.first(),
        ("api:training-detail", "slug"): Training.objects.published().first(),
    }
    row = values[name, parameter]
    return str(getattr(row, parameter)) if row else "1"


def subscriber_token(page: str) -> str:
    """What opens a page of subscriptions. Made here, because few tests want one."""
    subscriber, _is_new = Subscriber.objects.get_or_create(
        address_key="dana@health.example", defaults={"email": "dana@health.example", "reference": "SUB-2026-AAAAAA"}
    )
    waiting, _is_new = Subscription.objects.get_or_create(
        subscriber=subscriber, query="topic=opioids", defaults={"reference": "SUB-2026-CCCCCC"}
    )
    Subscription.objects.get_or_create(
        subscriber=subscriber, query="", defaults={"reference": "SUB-2026-DDDDDD", "confirmed_at": Now(), "looked_on": Now()}
    )
    path = links.confirmation_path(waiting) if page == "confirm" else links.subscriber_path(page, subscriber)
    return path.rstrip("/").rsplit("/", 1)[1]


def token_of(page: str, expression: ExpressionOfInterest) -> str:
    """What opens a page behind a mailed link. The pages of the focal point all take the status link's."""
    if page in ("answer", "requests"):
        asked = expression.referrals.live().select_related("email").first()
        key = asked.email.key if asked and asked.email else "nobody"
        path = links.answer_path(expression, key) if page == "answer" else links.list_path(key)
    else:
        path = links.path("verify" if page == "verify" else "status", expression)
    return path.rstrip("/").rsplit("/", 1)[1]


def public() -> dict[str, str]:
    """Address by URL name or case, for everything a stranger can fetch."""
    found = dict(CASES)
    for name, pattern in names(get_resolver().url_patterns):
        if {name, name.split(":")[0]} & (NOT_PUBLIC | FILES) or not name:
            continue
        found[name] = reverse(name, kwargs={key: argument(name, key) for key in pattern.pattern.converters | _groups(pattern)})
    return found


def _groups(pattern: URLPattern) -> dict[str, None]:
    """Named groups of a regular expression, as the API's router writes them."""
    return dict.fromkeys(getattr(getattr(pattern.pattern, "regex", None), "groupindex", {}))


def pages() -> dict[str, str]:
    """Public addresses that are pages for people."""
    return {
        name: address
        for name, address in public().items()
        if name not in NO_PAGE and (name.split(":")[0] not in NO_PAGE or name == "api:docs")
    }
