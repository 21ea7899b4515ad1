"""What the page that repairs a contact begins with: which requests are ticked, and what is written into its fields."""

import pytest
from django.contrib.admin.models import LogEntry

from coalition.mail.models import OutgoingEmail
from initiatives.models import PointOfContact
from tests import factories
from tests.admin.conftest import add_row
from tests.admin.conftest import form_of as whole_page_of
from tests.interest.conftest import confirmed, said, send_answer
from tests.interest.test_repair import NEW, OLD, decided, form_of, repair_page, two_requests

pytestmark = pytest.mark.django_db
__all__ = ["two_requests"]


@pytest.fixture
def titled(unodc):
    """The contact has all its details."""
    PointOfContact.objects.filter(email=OLD).update(title="Head of Laboratory")
    return unodc.default_contact


def of(expression, code):
    return expression.referrals.get(initiative__code=code)


def test_coalitions_mailbox_ticks_only_the_initiative_that_was_opened(admin_client, client, catalogue, settings):
    factories.initiative("3112")
    first = confirmed(client, "3111", "3112")
    second = confirmed(client, "3111", email="other@mvd.example")
    page = repair_page(of(first, "3111"), settings.COALITION_EMAIL)

    response = admin_client.get(page)

    assert len(response.context["waiting"]) == 3
    assert form_of(response)["referrals"] == [of(first, "3111").pk, of(second, "3111").pk]


def test_requests_are_listed_under_their_initiatives(admin_client, two_requests):
    first, second = two_requests

    choices = admin_client.get(repair_page(of(first, "1104"))).context["form"].fields["referrals"].choices

    assert [(group.split()[0], [pk for pk, _words in listed]) for group, listed in choices] == [
        ("1103", [of(first, "1103").pk, of(second, "1103").pk]),
        ("1104", [of(first, "1104").pk]),
    ]


def test_changed_contact_keeps_what_it_did_not_call_somebody_elses(admin_client, two_requests):
    first, second = two_requests
    PointOfContact.objects.filter(email=OLD).update(email=NEW)

    form = form_of(admin_client.get(repair_page(of(first, "1103"))))

    assert form["referrals"] == [of(first, "1104").pk, of(second, "1103").pk]


def test_form_begins_with_the_details_of_the_contact_but_not_the_title(admin_client, client, catalogue, titled):
    page = repair_page(confirmed(client, "1103").referrals.get())

    form = form_of(admin_client.get(page))

    assert [form[name] for name in ("name", "email", "title", "section")] == [
        "Canary Default",
        OLD,
        "",
        "Laboratory and Scientific Service",
    ]


@pytest.mark.parametrize(
    ("scope", "name", "title"),
    [
        ("takes_over", "Zed", ""),
        ("once", "Canary Default", ""),
        ("correct", "Zed", ""),
        ("correct", "Canary Default", "Head of Laboratory"),
    ],
)
def test_title_stays_with_the_person(admin_client, client, catalogue, titled, scope, name, title):  # noqa: PLR0917
    page = repair_page(confirmed(client, "1103").referrals.get())

    decided(admin_client, page, scope=scope, contact="", name=name, email=NEW)

    assert PointOfContact.objects.get(email=NEW).title == title


def test_corrected_address_leaves_the_other_details_and_preview_shows_both(admin_client, client, catalogue, titled):
    page = repair_page(confirmed(client, "1103").referrals.get())
    correction = {"scope": "correct", "contact": "", "email": NEW}

    shown = decided(admin_client, page, step="preview", **correction).content.decode()
    decided(admin_client, page, **correction)

    assert f"E-mail: {OLD} → <strong>{NEW}</strong>" in shown
    assert "Job title: Head of Laboratory (as before)" in shown
    titled.refresh_from_db()
    assert (titled.email, titled.title, titled.section) == (NEW, "Head of Laboratory", "Laboratory and Scientific Service")
    assert LogEntry.objects.filter(object_id=titled.pk).count() == 1


def test_a_detail_that_was_changed_meanwhile_is_not_overwritten(admin_client, client, catalogue, titled):
    page = repair_page(confirmed(client, "1103").referrals.get())
    form = form_of(admin_client.get(page)) | {"send": "1", "scope": "correct", "contact": "", "email": NEW}
    PointOfContact.objects.filter(email=OLD).update(title="Director")

    response = admin_client.post(page, form)

    assert "Somebody changed this contact" in response.content.decode()
    assert not OutgoingEmail.objects.filter(recipient=NEW).exists()


def test_who_keeps_the_job_is_asked_what_they_declined_only_if_ticked_by_hand(admin_client, two_requests):
    first, second = two_requests
    page = repair_page(of(first, "1103"))
    correction = {"scope": "correct", "name": "Canary Default"}

    warned = decided(admin_client, page, **correction)

    assert list(warned.context["form"].errors) == ["referrals"]
    assert "Canary Default answered “wrong person” to some of these." in warned.content.decode()
    unticked = form_of(warned)
    assert (unticked["referrals"], unticked["warned"]) == ([str(of(first, "1104").pk), str(of(second, "1103").pk)], "1")
    assert not OutgoingEmail.objects.filter(recipient=NEW).exists()

    by_hand = unticked | {"referrals": [of(first, "1103").pk], "send": "1"}
    assert admin_client.post(page, by_hand).status_code == 302
    assert of(first, "1103").email.recipient == NEW


def test_who_takes_over_gets_all_that_waits_unless_an_editor_unticks_it(admin_client, two_requests):
    first, second = two_requests
    page = repair_page(of(first, "1103"))
    begun = form_of(admin_client.get(page))
    assert len(begun["referrals"]) == 2

    shown = decided(admin_client, page, step="preview", scope="takes_over")
    assert len(form_of(shown)["referrals"]) == 3
    assert "so all 3 requests that wait there go along" in shown.content.decode()
    assert "not ticked" not in shown.content.decode()

    unticked = form_of(shown) | {"preview": "1", "referrals": begun["referrals"]}
    left = admin_client.post(page, unticked)
    assert f"1 request that waits here is not ticked. It stays at {OLD}" in left.content.decode()
    assert form_of(left)["referrals"] == [str(pk) for pk in begun["referrals"]]

    admin_client.post(page, form_of(shown) | {"send": "1"})
    assert {referral.email.recipient for referral in (of(first, "1103"), of(first, "1104"), of(second, "1103"))} == {NEW}


def test_mail_that_came_back_begins_with_all_that_waits(admin_client, client, catalogue):
    expression = confirmed(client, "1103", "1104")
    send_answer(client, {"1103": said("acknowledged")})
    OutgoingEmail.objects.filter(kind="contact").update(state="permanent_failure")

    form = form_of(admin_client.get(repair_page(of(expression, "1104"))))

    assert (form["scope"], len(form["referrals"])) == ("takes_over", 2)


def test_each_request_has_the_words_of_the_inbox_and_its_own_link(admin_client, two_requests):
    first, second = two_requests

    page = admin_client.get(repair_page(of(first, "1103"))).content.decode()

    assert "<strong>Sent to the wrong person</strong>" in page
    assert "Being passed to the right person" not in page
    for referral in (of(first, "1103"), of(first, "1104"), of(second, "1103")):
        assert (
            page.count(f'<a href="/admin/interest/referral/{referral.pk}/answer/" aria-label="write the answer down: EOI-') == 1
        )


def given(client, initiative, contact):
    address = f"/admin/initiatives/initiative/{initiative.pk}/change/"
    form = whole_page_of(client.get(address))
    add_row(form, "contact_links", contact=contact.pk, position=0)
    return client.post(address, form, follow=True).content.decode()


def test_contact_given_to_an_initiative_leads_to_what_the_coalition_has(admin_client, client, catalogue, unodc, settings):
    contact = factories.contact(unodc, "Zed", email=NEW)
    factories.initiative("3112")
    referral = of(confirmed(client, "3111", "3112"), "3111")
    page = repair_page(referral, settings.COALITION_EMAIL)

    message = given(admin_client, catalogue["3111"], contact)

    assert "Requests about 3111 still wait in the Coalition’s own mailbox." in message
    assert f"href='{page}'" in message
    form = form_of(admin_client.get(page))
    assert (form["contact"], form["referrals"]) == (contact.pk, [referral.pk])


def test_contact_given_where_nothing_waits_leads_nowhere(admin_client, client, catalogue, unodc):
    confirmed(client, "1103")

    message = given(admin_client, catalogue["1103"], factories.contact(unodc, "Zed", email=NEW))

    assert "still wait in the Coalition" not in message
