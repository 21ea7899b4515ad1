"""What the box “Take it along” needs to know, wherever it is included."""

from django import template

from initiatives.exports import pdf, sheets
from initiatives.exports.briefing import MOST

register = template.Library()


@register.simple_tag
def pdf_is_possible() -> bool:
    return pdf.is_possible()


@register.simple_tag
def most_in_a_briefing() -> int:
    return MOST


@register.simple_tag
def most_in_a_workbook() -> int:
    return sheets.MOST
