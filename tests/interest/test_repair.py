"""An editor decides who is asked instead; what waits goes there, each request with one mail."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db.models.functions import Now
from django.test import Client

from coalition.mail.models import OutgoingEmail
from initiatives.models import PointOfContact
from interest.models import Event, Inquiry, Referral
from tests import factories
from tests.interest.conftest import answer_link, confirmed, mail_of, said, send_answer, status_link

pytestmark = pytest.mark.django_db
REFERRALS = "/admin/interest/referral/"
OLD = "canary.default@unodc.example"
NEW = "zed@unodc.example"
PROPOSAL = {"proposed_name": "Zed Replacement", "proposed_email": NEW}


def repair_page(referral, address=OLD):
    inquiry = referral.inquiries.filter(address_key=address).latest("pk")
    return f"{REFERRALS}repair/{inquiry.pk}/"


def form_of(response):
    """What a browser would send back unchanged."""
    form = response.context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def decided(client, page, step="send", **values):
    return client.post(page, form_of(client.get(page)) | {step: "1"} | values)


def every(client, page):
    """As if an editor ticks all that waits."""
    return [referral.pk for referral in client.get(page).context["waiting"]]


@pytest.fixture
def two_requests(client, catalogue):
    """Two expressions wait on one contact; about one initiative it said: wrong person."""
    first = confirmed(client, "1103", "1104", "2206A")
    second = confirmed(client, "1103", email="other@mvd.example")
    mail = OutgoingEmail.objects.get(kind="contact", recipient=OLD, key__contains=first.reference)
    OutgoingEmail.objects.filter(pk=mail.pk).update(state="sent", accepted_at=Now())
    [link] = [line.partition("http://testserver")[2] for line in mail.text.splitlines() if "/interest/answer/" in line]
    send_answer(client, {"1103": said("wrong_person", text="I left.", **PROPOSAL)}, link)
    return first, second


def test_page_says_who_was_asked_why_it_is_here_and_what_waits(admin_client, two_requests):
    first, second = two_requests
    page = repair_page(first.referrals.get(initiative__code="1103"))

    response = admin_client.get(page)

    shown = response.content.decode()
    assert "Canary Default" in shown
    assert "Laboratory and Scientific Service" in shown
    assert "Default contact of UNODC" in shown
    [reason] = response.context["reasons"]
    assert reason.words.endswith("about 1103: wrong person. Ask instead: Zed Replacement zed@unodc.example.")
    assert reason.text == "I left."
    waiting = [(referral.expression, referral.initiative.code) for referral in response.context["waiting"]]
    assert waiting == [(first, "1103"), (first, "1104"), (second, "1103")]
    form = form_of(response)
    assert (form["name"], form["email"], form["contact"]) == ("Zed Replacement", NEW, "")
    assert form["referrals"] == [first.referrals.get(initiative__code="1103").pk, second.referrals.get().pk]


def test_preview_shows_each_mail_and_changes_nothing(admin_client, two_requests):
    first, _second = two_requests
    before = list(OutgoingEmail.objects.order_by("pk").values())

    response = decided(admin_client, repair_page(first.referrals.first()), step="preview")

    assert [(email.recipient, first.reference in email.subject) for email in response.context["previews"]] == [
        (NEW, True),
        (NEW, False),
    ]
    assert "pass this request on to you" in response.context["previews"][0].text
    assert "/interest/answer/" not in response.content.decode()
    assert list(OutgoingEmail.objects.order_by("pk").values()) == before
    assert not PointOfContact.objects.filter(email=NEW).exists()
    assert not Inquiry.objects.exclude(closed_at=None).exists()
    assert not Event.objects.filter(what="redirected").exists()


def test_decision_sends_one_mail_for_each_expression_and_moves_what_waits(admin_client, two_requests, catalogue):
    first, second = two_requests
    page = repair_page(first.referrals.get(initiative__code="1103"))

    assert decided(admin_client, page, why="By telephone", referrals=every(admin_client, page)).status_code == 302

    new = PointOfContact.objects.get(email=NEW)
    mails = OutgoingEmail.objects.filter(kind="contact", recipient=NEW).order_by("pk")
    assert [(mail.reply_to, mail.text.count("Title of 1104")) for mail in mails] == [
        ("aigul@mvd.example", 1),
        ("other@mvd.example", 0),
    ]
    moved = Referral.objects.exclude(initiative__code="2206A")
    assert set(moved.values_list("status", "contact", "email__recipient")) == {("waiting", new.pk, NEW)}
    assert Inquiry.objects.open().filter(address_key=OLD).count() == 0
    assert set(Inquiry.objects.open().filter(referral__in=moved).values_list("step", "contact")) == {("replacement", new.pk)}
    events = Event.objects.filter(what="redirected").values_list("reference", "codes", "actor", "by", "why")
    assert list(events) == [
        (first.reference, ["1103", "1104"], "staff", "admin", "By telephone"),
        (second.reference, ["1103"], "staff", "admin", "By telephone"),
    ]
    states = dict(OutgoingEmail.objects.filter(kind="contact", recipient=OLD).values_list("reply_to", "state"))
    assert states == {"aigul@mvd.example": "sent", "other@mvd.example": "cancelled"}
    assert [contact.email for contact in catalogue["1103"].contacts_to_ask()] == [NEW, OLD]
    assert [contact.email for contact in catalogue["2206A"].contacts_to_ask()] == ["canary.healer@who.example"]


@pytest.mark.parametrize("copies", [2, 3])
def test_deciding_again_mails_nothing(admin_client, two_requests, copies):
    first, _second = two_requests
    page = repair_page(first.referrals.first())
    form = form_of(admin_client.get(page)) | {"send": "1", "referrals": every(admin_client, page)}

    responses = [admin_client.post(page, form) for _ in range(copies)]

    assert [response.status_code for response in responses] == [302] + [200] * (copies - 1)
    assert "Nothing waits here" in responses[-1].content.decode()
    assert OutgoingEmail.objects.filter(recipient=NEW).count() == 2
    assert PointOfContact.objects.filter(email=NEW).count() == 1
    assert Event.objects.filter(what="redirected").count() == 2


def test_old_link_says_somebody_else_is_asked_and_records_nothing(client, admin_client, two_requests):
    first, _second = two_requests
    link = answer_link(OLD)
    decided(admin_client, repair_page(first.referrals.first()))

    page = client.get(link).content.decode()
    late = send_answer(client, {"1103": said("acknowledged")}, link)

    assert "or is asked of somebody else" in page
    assert "Send the answer" not in page
    assert late.status_code in {200, 302}
    assert not Referral.objects.filter(status="acknowledged").exists()
    assert send_answer(client, {"1103": said("acknowledged")}, answer_link(NEW)).status_code == 302


def test_status_page_says_it_was_mailed_instead(client, admin_client, two_requests):
    first, _second = two_requests
    decided(admin_client, repair_page(first.referrals.first()))
    OutgoingEmail.objects.filter(recipient=NEW).update(state="sent", accepted_at=Now())

    page = client.get(status_link()).content.decode()

    assert "The request was mailed to United Nations Office on Drugs and Crime (UNODC)" in page
    assert "instead." in page
    assert "Zed" not in page
    assert NEW not in page


def test_unticked_requests_stay(admin_client, two_requests):
    first, _second = two_requests
    chosen = first.referrals.get(initiative__code="1103")
    OutgoingEmail.objects.filter(recipient=OLD).update(state="queued", accepted_at=None)

    decided(admin_client, repair_page(chosen), referrals=[chosen.pk])

    assert set(Inquiry.objects.open().filter(address_key=OLD).values_list("referral__initiative__code", flat=True)) == {
        "1103",
        "1104",
    }
    assert OutgoingEmail.objects.filter(recipient=NEW).count() == 1
    assert not OutgoingEmail.objects.filter(recipient=OLD, state="cancelled").exists()


def test_the_same_contact_is_corrected_and_keeps_its_roles(admin_client, two_requests, unodc):
    first, _second = two_requests
    known = PointOfContact.objects.count()

    decided(admin_client, repair_page(first.referrals.first()), scope="correct")

    assert PointOfContact.objects.count() == known
    unodc.refresh_from_db()
    contact = unodc.default_contact
    assert (contact.name, contact.email, contact.section) == ("Zed Replacement", NEW, "Laboratory and Scientific Service")
    assert OutgoingEmail.objects.filter(recipient=NEW).count() == 2
    assert LogEntry.objects.filter(object_id=contact.pk, content_type__model="pointofcontact").count() == 1


def test_a_contact_that_was_changed_meanwhile_is_not_overwritten(admin_client, two_requests, unodc):
    first, _second = two_requests
    page = repair_page(first.referrals.first())
    form = form_of(admin_client.get(page)) | {"send": "1", "scope": "correct"}
    PointOfContact.objects.filter(email=OLD).update(email="elsewhere@unodc.example")

    response = admin_client.post(page, form)

    assert "Somebody changed this contact" in response.content.decode()
    unodc.refresh_from_db()
    assert unodc.default_contact.email == "elsewhere@unodc.example"
    assert not OutgoingEmail.objects.filter(recipient=NEW).exists()


def test_who_takes_over_gets_every_role(admin_client, client, catalogue, unodc):
    own = PointOfContact.objects.get(email="canary.own@unodc.example")
    new = factories.contact(unodc, "New Person", email=NEW)
    catalogue["1104"].contact_links.create(contact=new, position=0)
    catalogue["1104"].contact_links.create(contact=own, position=1)
    unodc.default_contact = own
    unodc.save()
    referral = confirmed(client, "3224").referrals.get()
    page = repair_page(referral, own.email)

    decided(admin_client, page, scope="takes_over", contact=new.pk)

    unodc.refresh_from_db()
    own.refresh_from_db()
    assert (unodc.default_contact, own.is_active) == (new, False)
    assert [list(catalogue[code].contacts.all()) for code in ("3224", "1104")] == [[new], [new]]
    catalogue["3224"].refresh_from_db()
    assert catalogue["3224"].curated_fields == ["contacts"]


def test_only_this_time_leaves_the_catalogue(admin_client, two_requests, catalogue, who):
    first, _second = two_requests
    page = repair_page(first.referrals.first())

    assert form_of(admin_client.get(page))["scope"] == "these"

    decided(admin_client, page, scope="once", contact=who.default_contact.pk, name="", email="")

    assert OutgoingEmail.objects.filter(kind="contact", recipient="canary.healer@who.example").count() == 3
    assert [contact.email for contact in catalogue["1103"].contacts_to_ask()] == [OLD]


def test_rejecting_the_proposal_asks_the_same_contact_once_a_day(admin_client, two_requests):
    first, _second = two_requests
    page = repair_page(first.referrals.first())
    chosen = [first.referrals.get(initiative__code="1103").pk]

    assert decided(admin_client, page, scope="again", referrals=chosen).status_code == 302
    second = decided(admin_client, page, scope="again", referrals=chosen)

    assert "mailed today already" in second.content.decode()
    [mail] = OutgoingEmail.objects.filter(recipient=OLD, text__contains="ask you about this once more")
    assert first.referrals.get(initiative__code="1103").status == "waiting"
    assert Inquiry.objects.open().filter(email=mail).values_list("step", flat=True).get() == "reminder"
    assert Event.objects.filter(what="reminded", actor="staff").count() == 1


def test_where_the_coalition_was_asked_a_contact_is_found(admin_client, client, catalogue, unodc, settings):
    referral = confirmed(client, "3111").referrals.get()
    page = repair_page(referral, settings.COALITION_EMAIL)
    new = {"organization": unodc.pk, "name": "Zed", "email": NEW, "scope": "these"}

    assert decided(admin_client, page, **new).status_code == 302

    assert [contact.email for contact in catalogue["3111"].contacts_to_ask()] == [NEW]
    assert not Referral.objects.with_the_coalition().exists()
    assert mail_of("contact", recipient=NEW).state == "queued"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": OLD.upper()}, "email"),
        ({"email": "coalition@example.org"}, "email"),
        ({"email": "canary.OWN@unodc.example"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "nonsense"}, "email"),
        ({"name": ""}, "name"),
        ({"organization": ""}, "organization"),
        ({"scope": ""}, "scope"),
        ({"referrals": []}, "referrals"),
        ({"scope": "correct", "email": "canary.own@unodc.example"}, "email"),
    ],
)
def test_a_decision_that_cannot_be_is_explained_at_its_field(admin_client, two_requests, settings, values, field):
    settings.COALITION_EMAIL = "coalition@example.org"
    first, _second = two_requests

    response = decided(admin_client, repair_page(first.referrals.first()), **values)

    assert list(response.context["form"].errors) == [field]
    assert OutgoingEmail.objects.filter(kind="contact").count() == 3


@pytest.mark.parametrize(
    ("scope", "fields"), [("once", ["contact"]), ("takes_over", ["contact"]), ("correct", ["contact"]), ("again", [])]
)
def test_the_contact_who_was_asked_is_nobody_else(admin_client, catalogue, unodc, scope, fields):
    page = repair_page(confirmed(Client(), "1103").referrals.get())

    response = decided(admin_client, page, step="preview", contact=unodc.default_contact.pk, scope=scope)

    assert list(response.context["form"].errors) == fields


def test_a_refused_mail_shows_the_servers_words_and_leads_here(admin_client, client, catalogue):
    referral = confirmed(client, "1103").referrals.get()
    refused = {"state": "permanent_failure", "last_stage": "recipient", "last_code": 550, "last_text": "5.1.1 No such user"}
    OutgoingEmail.objects.filter(kind="contact").update(**refused)
    page = repair_page(referral)

    assert page in admin_client.get(f"{REFERRALS}{referral.pk}/change/").content.decode()
    response = admin_client.get(page)
    assert "550 5.1.1 No such user" in response.context["reasons"][0].words
    assert form_of(response)["scope"] == "takes_over"
    decided(admin_client, page, name="Zed", email=NEW, scope="once")

    assert not Referral.objects.undeliverable().exists()
    assert Inquiry.objects.open().get().address_key == NEW


def saved_in_the_admin(client, contact, **values):
    address = f"/admin/initiatives/pointofcontact/{contact.pk}/change/"
    form = client.get(address).context["adminform"].form
    unchanged = {name: form[name].value() or "" for name in form.fields}
    return client.post(address, unchanged | values, follow=True).content.decode()


def test_changing_a_contact_in_the_admin_leads_to_what_waits(admin_client, client, catalogue, unodc):
    confirmed(client, "1103")
    contact = unodc.default_contact

    page = saved_in_the_admin(admin_client, contact, email=NEW)

    address = repair_page(Referral.objects.get())
    assert f"href='{address}'" in page
    assert Referral.objects.asked_in_vain().count() == 1
    proposed = form_of(admin_client.get(address))
    assert (proposed["scope"], proposed["contact"]) == ("once", contact.pk)
    decided(admin_client, address)
    assert mail_of("contact", recipient=NEW).state == "queued"
    assert not Referral.objects.asked_in_vain().exists()


@pytest.mark.parametrize(("changed", "told"), [({"phone": "12"}, False), ({"is_active": ""}, True)])
def test_only_changes_that_strand_requests_are_told(admin_client, catalogue, unodc, changed, told):
    confirmed(Client(), "1103")

    page = saved_in_the_admin(admin_client, unodc.default_contact, **changed)

    assert ("Requests still wait" in page) == told


def test_deactivating_contacts_in_the_list_leads_to_what_waits(admin_client, client, catalogue, unodc):
    confirmed(client, "1103")
    form = {"action": "deactivate", "_selected_action": [unodc.default_contact.pk]}

    page = admin_client.post("/admin/initiatives/pointofcontact/", form, follow=True).content.decode()

    assert f"href='{repair_page(Referral.objects.get())}'" in page


def test_a_contacts_page_leads_to_what_waits_on_it(admin_client, client, catalogue, unodc):
    contact = unodc.default_contact
    address = f"{REFERRALS}repair/contact/{contact.pk}/"
    assert address in admin_client.get(f"/admin/initiatives/pointofcontact/{contact.pk}/change/").content.decode()
    assert "Nothing waits on this contact." in admin_client.get(address, follow=True).content.decode()

    referral = confirmed(client, "1103").referrals.get()

    assert admin_client.get(address).url == repair_page(referral)
    response = admin_client.get(address, follow=True)
    assert (response.context["reasons"], form_of(response)["scope"]) == ([], "once")


@pytest.mark.parametrize(("permission", "status"), [("view_referral", 403), ("change_referral", 302)])
def test_repair_takes_the_right_to_change_referrals(admin_client, client, two_requests, permission, status):
    first, _second = two_requests
    page = repair_page(first.referrals.first())
    form = form_of(admin_client.get(page)) | {"send": "1"}
    somebody = get_user_model().objects.create_user("somebody", is_staff=True)
    somebody.user_permissions.add(Permission.objects.get(codename=permission))
    client.force_login(somebody)
    of_contact = PointOfContact.objects.get(email=OLD).pk

    assert client.get(f"{REFERRALS}repair/contact/{of_contact}/").status_code == status
    assert client.post(page, form).status_code == status
    assert OutgoingEmail.objects.filter(recipient=NEW).exists() == (status == 302)


def test_looking_changes_nothing(admin_client, two_requests):
    first, _second = two_requests
    page = repair_page(first.referrals.first())
    before = [list(model.objects.order_by("pk").values()) for model in (OutgoingEmail, Inquiry, Referral, Event)]

    admin_client.get(f"{page}?send=1")
    admin_client.head(page)

    assert [list(model.objects.order_by("pk").values()) for model in (OutgoingEmail, Inquiry, Referral, Event)] == before
