"""Who comes to the staff area, and what a browser's form would send."""

import pytest
from django import forms
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType


@pytest.fixture
def editor(db):
    # Without a password, whose hash alone would take half a second.
    return get_user_model().objects.create_superuser("edith", "edith@example.org")


@pytest.fixture
def staff(client, editor):
    """A client that is logged in as the editor."""
    client.force_login(editor)
    return client


@pytest.fixture
def empty_caches():
    """Django keeps content types in the process; counts of queries must not depend on which test ran before."""
    ContentType.objects.clear_cache()


def values(form):
    """What a browser would post for a form that nobody has touched."""
    posted = {}
    for field in form:
        value = field.value()
        if hasattr(field.field, "prepare_value"):
            value = field.field.prepare_value(value)
        if isinstance(field.field.widget, forms.MultiWidget):
            parts = value if isinstance(value, list) else field.field.widget.decompress(value)
            parts = zip(field.field.widget.widgets_names, parts, strict=True)
            posted |= {f"{field.html_name}{name}": str(part) for name, part in parts if part is not None}
        elif value is not None and value is not False:
            posted[field.html_name] = "on" if value is True else value
    return posted


def form_of(response):
    """The whole change page as a browser would post it, rows of its lists included."""
    posted = values(response.context["adminform"].form)
    for inline in response.context["inline_admin_formsets"]:
        posted |= values(inline.formset.management_form)
        for form in inline.formset.forms:
            posted |= values(form)
    return posted


def add_row(form, prefix, **row):
    """Adds a row to a list of the form, as “Add another” does."""
    number = int(form[f"{prefix}-TOTAL_FORMS"])
    form[f"{prefix}-TOTAL_FORMS"] = number + 1
    form |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
