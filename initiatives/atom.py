"""Atom feeds (RFC 4287) with identities that stay, and answers that caches can check."""

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import http_date, quote_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

# Since when identities of this site are made (RFC 4151 §2.1): the day on which its name was ours.
TAGS_SINCE = "2026"
SECONDS_IN_CACHES = 300
# Of a feed in which nothing ever happened. It must say some moment, and the same one each time.
NEVER = datetime(2026, 1, 1, tzinfo=UTC)
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def tag(name: str) -> str:
    """An identity that is no address, so that it survives when addresses change."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},{TAGS_SINCE}:{name}"


class Feed(Atom1Feed):
    """Says when its newest entry changed, not when somebody asked; and where it goes on (RFC 5005 §3)."""

    def latest_post_date(self) -> datetime:
        return max((item["updateddate"] for item in self.items if item["updateddate"]), default=NEVER)

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        return {"xml:lang": item["language"]} if item["language"] else {}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item | {"description": None})  # which it would mark as HTML
        handler.addQuickElement("summary", item["description"], {"type": "text"})

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        for relation in ("next", "previous"):
            if address := self.feed[relation]:
                handler.addQuickElement("link", "", {"rel": relation, "href": address})


def start(*, title: str, path: str, feed_path: str, identity: str, next_path: str = "", previous_path: str = "") -> Feed:
    """Paths become addresses under SITE_URL, whatever a request's Host header says."""
    return Feed(
        title=printable(title),
        link=settings.SITE_URL + path,
        description="",
        language=get_language(),
        author_name=_("Global Coalition to Address Synthetic Drug Threats"),
        feed_url=settings.SITE_URL + feed_path,
        feed_guid=tag(identity),
        next=next_path and settings.SITE_URL + next_path,
        previous=previous_path and settings.SITE_URL + previous_path,
    )


def add(
    feed: Feed,
    *,
    identity: str,
    title: str,
    path: str,
    text: str,
    updated: datetime,
    published: datetime | None = None,
    language: str = "",
) -> None:
    """`language`: of title and text, where it is not that of the feed."""
    feed.add_item(
        language=language,
        title=printable(title),
        link=settings.SITE_URL + path,
        description=printable(text),
        unique_id=tag(identity),
        updateddate=updated,
        pubdate=published,
    )


def printable(text: str) -> str:
    """Without signs that no XML can hold (XML 1.0 §2.2), which a text may have from where it was copied."""
    return NO_XML.sub("", text)


def answer(request: HttpRequest, feed: Feed) -> HttpResponse:
    """The feed, or 304 if the reader has it already."""
    body = feed.writeString("utf-8")
    response = HttpResponse(body, content_type=feed.content_type)
    etag = quote_etag(sha256(body.encode()).hexdigest()[:32])
    moment = feed.latest_post_date()
    response["ETag"] = etag
    response["Last-Modified"] = http_date(moment.timestamp())
    patch_cache_control(response, public=True, max_age=SECONDS_IN_CACHES)
    checked = get_conditional_response(request, etag=etag, last_modified=int(moment.timestamp()), response=response)
    assert checked is not None  # it was given one
    return checked
