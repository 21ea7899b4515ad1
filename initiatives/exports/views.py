"""What can be taken along: lists for programs and spreadsheets, a briefing for the desk. All of it without a contact.

No file holds more than was asked for: one with a filter that nobody knows is refused.
"""

import tempfile
from contextlib import ExitStack
from http import HTTPStatus

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from initiatives.exports import pdf, sheets
from initiatives.exports.briefing import Briefing
from initiatives.exports.selection import Selection, selected
from initiatives.refusing import not_understood

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_file(response: HttpResponseBase, name: str, ending: str) -> HttpResponseBase:
    """The response as a file that the browser saves, with the day in its name. Search engines keep the pages, not the files."""
    file_name = f"{name}-{timezone.localdate().isoformat()}.{ending}"
    response["Content-Disposition"] = str(content_disposition_header(as_attachment=True, filename=file_name))
    response["X-Robots-Tag"] = "noindex"
    return response


def refusal(request: HttpRequest, chosen: Selection) -> HttpResponse | None:
    return not_understood(request, problems=chosen.problems, path=chosen.catalogue_path) if chosen.problems else None


@require_safe
def csv(request: HttpRequest) -> HttpResponseBase:
    chosen = selected(request.GET)
    if refused := refusal(request, chosen):
        return refused
    lines = sheets.csv_lines(chosen, mark=request.GET.get("bom") == "1")
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8; header=present")
    return as_file(response, "initiatives", "csv")


@require_safe
def xlsx(request: HttpRequest) -> HttpResponseBase:
    chosen = selected(request.GET)
    if refused := refusal(request, chosen):
        return refused
    if (count := chosen.initiatives.count()) > sheets.MOST:
        context = {"selection": chosen, "count": count, "most": sheets.MOST}
        return render(request, "initiatives/export_too_many.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    # A workbook is a ZIP file: it is whole before its first byte can leave. On the disk, it takes no memory meanwhile.
    with ExitStack() as on_failure:
        file = on_failure.enter_context(tempfile.TemporaryFile())
        sheets.write_workbook(chosen, file)
        file.seek(0)
        on_failure.pop_all()  # from here on the response closes it
    return as_file(FileResponse(file, content_type=XLSX), "initiatives", "xlsx")


@require_safe
def briefing(request: HttpRequest) -> HttpResponse:
    found = Briefing(selected(request.GET), whole=request.GET.get("whole") == "1")
    return render(request, "initiatives/briefing.html", {"briefing": found})


@require_safe
def briefing_pdf(request: HttpRequest) -> HttpResponseBase:
    found = Briefing(selected(request.GET))
    if refused := refusal(request, found.selection):
        return refused
    if not found.initiatives:
        return redirect(found.path)
    if not pdf.is_possible():
        return render(request, "initiatives/briefing_no_pdf.html", {"briefing": found}, status=HTTPStatus.NOT_FOUND)
    html = render_to_string("initiatives/briefing_pdf.html", {"briefing": found}, request)
    try:
        content = pdf.from_html(html)
    except pdf.BusyError:
        response = render(request, "initiatives/briefing_busy.html", {"briefing": found}, status=HTTPStatus.SERVICE_UNAVAILABLE)
        response["Retry-After"] = "60"
        return response
    return as_file(HttpResponse(content, content_type="application/pdf"), "briefing", "pdf")
