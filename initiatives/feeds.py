"""Atom feeds of a search, a group, an organization, one entry, and of everything that changed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from initiatives import atom, following
from initiatives.following import Followed
from initiatives.markdown import to_text
from initiatives.models import Change, Initiative, Organization, SubWorkingGroup
from initiatives.pagination import Paginator
from initiatives.refusing import not_understood
from initiatives.telling import Revision, Told, revisions
from initiatives.templatetags.wording import date

PER_FEED = 100


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Entries that a search and filters find, the newest change first."""
    followed = Followed.read(request.GET)
    if followed.problems:
        return not_understood(request, problems=followed.problems, path=followed.path)
    return entries_feed(request, followed)


@require_safe
def group_feed(request: HttpRequest, number: str) -> HttpResponse:
    return entries_feed(request, following.of_group(get_object_or_404(SubWorkingGroup, number=number)))


@require_safe
def organization_feed(request: HttpRequest, slug: str) -> HttpResponse:
    return entries_feed(request, following.of_organization(get_object_or_404(Organization, slug=slug)))


def entries_feed(request: HttpRequest, followed: Followed) -> HttpResponse:
    page = page_of(request, with_moment(followed.initiatives()))
    title = _("Initiatives: %(what)s") % {"what": followed.label}
    made = begin(request, page, title=title, path=followed.path, identity=f"initiatives?{followed.query}")
    last = {revision.first.entry_id: revision for revision in revisions_at(last_moments(page))}
    for initiative in page:
        add_entry(made, initiative, last.get(initiative.code))
    return atom.answer(request, made)


def with_moment(initiatives: QuerySet[Initiative]) -> QuerySet[Any]:
    """Adds `moment`: when the entry was saved last, or found to be changed."""
    found = Change.objects.filter(entry=OuterRef("code")).order_by("-at").values("at")[:1]
    return initiatives.annotate(moment=Greatest(F("updated_at"), Subquery(found))).order_by("-moment", "code")


def page_of(request: HttpRequest, rows: QuerySet[Any]) -> Page[Any]:
    return Paginator(rows, PER_FEED).get_page(request.GET.get("page"))


def begin(request: HttpRequest, page: Page[Any], *, title: str, path: str, identity: str) -> atom.Feed:
    """The feed with the addresses of its pages: more than fits into one is left out of none of them together."""
    return atom.start(
        title=title,
        path=path,
        feed_path=page_path(request, page.number),
        identity=identity,
        next_path=page_path(request, page.next_page_number()) if page.has_next() else "",
        previous_path=page_path(request, page.previous_page_number()) if page.has_previous() else "",
    )


def page_path(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    if number > 1:
        query["page"] = str(number)
    return request.path + (f"?{query.urlencode()}" if query else "")


def add_entry(made: atom.Feed, initiative: Any, last: Revision | None) -> None:
    words = [to_text(initiative.summary)]
    if last and last.told:
        changed = {"date": date_of(last.first.at), "fields": in_words(last.told)}
        words.append(_("Changed on %(date)s. %(fields)s") % changed)
    atom.add(
        made,
        identity=f"initiative/{initiative.code}",
        title=str(initiative),
        path=initiative.get_absolute_url(),
        text="\n".join(words),
        updated=initiative.moment,
        published=initiative.created_at,
        language="en" if len(words) == 1 else "",
    )


def date_of(moment: datetime) -> str:
    return date(moment, "DATE_FORMAT")


def in_words(told: list[Told]) -> str:
    lines = []
    for field in told:
        values = {"field": field.label, "old": field.old or _("nothing"), "new": field.new or _("nothing")}
        lines.append(_("%(field)s: %(old)s → %(new)s") % values)
    return "\n".join(lines)


# -- Changes ---------------------------------------------------------------------------------------------------------------------


@require_safe
def changes_feed(request: HttpRequest) -> HttpResponse:
    """What changed in the catalogue, or in what a search and filters find."""
    followed = Followed.read(request.GET)
    if followed.problems:
        return not_understood(request, problems=followed.problems, path=followed.changes_path)
    page = page_of(request, moments(followed.changes()))
    title = _("Changes: %(what)s") % {"what": followed.label}
    made = begin(request, page, title=title, path=followed.changes_path, identity=f"changes?{followed.query}")
    for revision in revisions_at(page):
        add_revision(made, revision)
    return atom.answer(request, made)


@require_safe
def initiative_feed(request: HttpRequest, code: str) -> HttpResponse:
    """One entry: each change of it, and the entry itself at the end."""
    initiative = get_object_or_404(with_moment(Initiative.objects.published()), code=code)
    made = atom.start(
        title=str(initiative),
        path=initiative.get_absolute_url(),
        feed_path=request.path,
        identity=f"initiative/{initiative.code}/changes",
    )
    for revision in revisions(Change.objects.public().filter(entry=code).newest_first().select_related("entry")):
        add_revision(made, revision)
    add_entry(made, initiative, None)
    return atom.answer(request, made)


def moments(found: QuerySet[Change]) -> QuerySet[Change, Any]:
    """Pairs of a moment and an entry that changed then, the newest first: what belongs together is never torn apart."""
    return found.order_by("-at", "entry").values_list("at", "entry").distinct()


def last_moments(initiatives: Iterable[Initiative]) -> QuerySet[Change, Any]:
    """Such pairs, the last one of each of these entries."""
    found = Change.objects.public().filter(entry__in=[initiative.code for initiative in initiatives])
    return found.order_by("entry", "-at").distinct("entry").values_list("at", "entry")


def revisions_at(pairs: Iterable[Any]) -> list[Revision]:
    """All that changed in these entries at these moments, in their order."""
    wanted = list(pairs)
    ats, codes = {at for at, _code in wanted}, {code for _at, code in wanted}
    found = Change.objects.public().filter(at__in=ats, entry__in=codes).newest_first().select_related("entry")
    return [revision for revision in revisions(found) if (revision.first.at, revision.first.entry_id) in set(wanted)]


def title_of(revision: Revision) -> str:
    if revision.went:
        return _("Withdrawn: %(entry)s")
    return _("New: %(entry)s") if revision.came else _("Changed: %(entry)s")


def add_revision(made: atom.Feed, revision: Revision) -> None:
    first = revision.first
    atom.add(
        made,
        identity=f"change/{first.pk}",
        title=title_of(revision) % {"entry": first.entry},
        path=revision.path,
        text=in_words(revision.told) or str(first.entry),
        updated=first.at,
    )
