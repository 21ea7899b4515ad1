"""The staff's inbox: named queries, numbers, and the story of one request."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db.models import F
from django.db.models.functions import Now

from coalition.mail.models import OutgoingEmail
from initiatives.models import PointOfContact
from interest import links
from interest.actions import erasing
from interest.admin.referrals import ReferralAdmin
from interest.models import Event, ExpressionOfInterest, Inquiry, Note, Referral
from interest.models.expressions import MAILED
from tests import factories
from tests.interest.conftest import answer_link, confirmed, registered, said, send_answer

pytestmark = pytest.mark.django_db
REFERRALS = "/admin/interest/referral/"
BADGE = re.compile(r"gc-status[^>]*>\s*(?:<svg.*?</svg>)?\s*([^<]+?)\s*<", re.DOTALL)
# What the status page calls each state of the inbox.
WORDS = {
    "waiting": {"Waiting for an answer", "Being sent", "Could not be delivered"},
    "answered": {"Acknowledged", "Scheduled", "Needs information from you"},
    "undeliverable": {"Could not be delivered"},
    "to_pass_on": {"Being passed to the right person"},
}


def age(expression, days):
    earlier = timedelta(days=days)
    ExpressionOfInterest.objects.filter(pk=expression.pk).update(
        verified_at=F("verified_at") - earlier, created_at=F("created_at") - earlier
    )


@pytest.fixture
def monday(client, catalogue):
    """Requests in every state, of two countries, and one that nobody confirmed."""
    first = confirmed(client, "1103", "1104", "2206A", "3224", "3111")
    send_answer(client, {"1103": said("acknowledged"), "1104": said("wrong_person")})
    OutgoingEmail.objects.filter(recipient="canary.healer@who.example").update(state="permanent_failure", last_code=550)
    second = confirmed(client, "1103", "3224", email="fatou@interieur.example", country="SN")
    send_answer(client, {"3224": said("scheduled", period="March")}, answer_link("canary.own@unodc.example"))
    age(first, 9)
    registered(client, "1103", email="nobody@mvd.example", country="NO")
    return first, second


def codes_in(state):
    found = getattr(Referral.objects, state)().order_by("expression_id", "initiative__code")
    return [(referral.expression.country.code, referral.initiative.code) for referral in found.select_related("initiative")]


def test_every_state_of_the_inbox_finds_its_requests(monday):
    first, _second = monday

    assert codes_in("live") == [
        ("KZ", "1103"),
        ("KZ", "1104"),
        ("KZ", "2206A"),
        ("KZ", "3111"),
        ("KZ", "3224"),
        ("SN", "1103"),
        ("SN", "3224"),
    ]
    assert codes_in("new") == [("SN", "1103"), ("SN", "3224")]
    assert codes_in("waiting") == [("KZ", "2206A"), ("KZ", "3111"), ("KZ", "3224"), ("SN", "1103")]
    assert codes_in("answered") == [("KZ", "1103"), ("SN", "3224")]
    assert codes_in("undeliverable") == [("KZ", "2206A")]
    assert codes_in("to_pass_on") == [("KZ", "1104")]
    assert codes_in("with_the_coalition") == [("KZ", "3111")]
    assert codes_in("asked_in_vain") == []
    Inquiry.objects.filter(referral__expression=first).latest("pk").contact.__class__.objects.update(is_active=False)
    assert codes_in("asked_in_vain") == [("KZ", "1103"), ("KZ", "1104"), ("KZ", "2206A"), ("KZ", "3224"), ("SN", "1103")]


def test_counts_are_those_of_the_status_pages(client, monday):
    shown = [word for expression in monday for word in BADGE.findall(client.get(links.status_path(expression)).content.decode())]

    assert len(shown) == Referral.objects.live().count() == 7
    for state, words in WORDS.items():
        assert getattr(Referral.objects, state)().count() == sum(word in words for word in shown) > 0


@pytest.mark.parametrize("by", ["initiative", "organization", "country"])
def test_report_counts_what_its_links_list(admin_client, monday, by):
    response = admin_client.get(f"{REFERRALS}report/{by}/")

    states = list(ReferralAdmin.states)
    assert [total for _label, total in response.context["totals"]] == [
        getattr(Referral.objects, state)().count() for state in states
    ]
    cells = [cell for row in response.context["rows"] for cell in row.cells]
    assert sum(cell.count > 0 for cell in cells) >= 10
    for cell in cells:
        assert admin_client.get(cell.address).context["cl"].result_count == cell.count


def test_report_keeps_what_it_counts_when_the_details_are_forgotten(admin_client, monday):
    first, _second = monday
    before = admin_client.get(f"{REFERRALS}report/country/").context["totals"]
    with erasing.purging():
        ExpressionOfInterest.objects.filter(pk=first.pk).update(
            erased_at=Now(), name="", job_title="", institution="", email="", phone="", message=""
        )

    context = admin_client.get(f"{REFERRALS}report/country/").context

    both = zip(ReferralAdmin.states, before, context["totals"], strict=True)
    totals = {state: (old, new) for state, (_, old), (_, new) in both}
    assert (totals["counted"], totals["answered"], totals["live"]) == ((7, 7), (2, 2), (7, 2))
    assert [(row.name, row.cells[-1].count) for row in context["rows"]] == [("Kazakhstan", 5), ("Senegal", 2)]


def test_report_names_its_rows(admin_client, monday):
    names = {
        by: [row.name for row in admin_client.get(f"{REFERRALS}report/{by}/").context["rows"]]
        for by in ("initiative", "organization", "country")
    }

    assert [name.split()[0] for name in names["initiative"]] == ["1103", "1104", "2206A", "3111", "3224"]
    assert names["organization"] == [
        "United Nations Office on Drugs and Crime",
        "World Health Organization",
        "The Coalition’s own mailbox",
    ]
    assert names["country"] == ["Kazakhstan", "Senegal"]
    assert admin_client.get(f"{REFERRALS}report/nothing/").status_code == 404


@pytest.mark.parametrize("count", [1, 118])
def test_report_takes_five_queries_for_any_number(client, admin_client, unodc, django_assert_max_num_queries, count):
    expression = confirmed(client, factories.initiative("1103", lead=unodc).code)
    referral = expression.referrals.get()
    made = [factories.initiative(f"2{number:03}", lead=unodc) for number in range(1, count)]
    email, contact = referral.email, referral.contact
    Referral.objects.bulk_create(
        Referral(
            expression=expression, initiative=each, address_key=referral.address_key, is_live=True, email=email, contact=contact
        )
        for each in made
    )

    # Session, user, fictional contacts, counts, names.
    for by in ("initiative", "organization", "country"):
        with django_assert_max_num_queries(5):
            response = admin_client.get(f"{REFERRALS}report/{by}/")
    assert response.context["totals"][-1][1] == count


def test_first_page_counts_each_state_once(admin_client, monday):
    context = admin_client.get("/admin/").context

    counted = {item.url: item.count for item in [*context["to_do"], *context["inbox"]] if REFERRALS in item.url}
    states = {state: getattr(Referral.objects, state)().count() for state in ReferralAdmin.states}
    assert counted == {f"{REFERRALS}?to_do={state}": count for state, count in states.items() if count}
    assert len(counted) == 8
    assert not [item for item in context["to_do"] if ":" in str(item.label)]


def test_first_page_begins_with_interest_then_mail(admin_client, monday):
    PointOfContact.objects.filter(email="canary.own@unodc.example").update(is_active=False)
    labels = [item.url.partition("/admin/")[2] for item in admin_client.get("/admin/").context["to_do"]]

    assert labels == [
        "interest/referral/?to_do=to_pass_on",
        "interest/referral/?to_do=undeliverable",
        "interest/referral/?to_do=asked_in_vain",
        "interest/referral/?to_do=with_the_coalition",
        "mail/outgoingemail/?to_do=undelivered",
    ]


def test_work_is_listed_with_the_oldest_first_and_days(client, admin_client, monday):
    first, _second = monday
    OutgoingEmail.objects.filter(kind="contact", key__contains=first.reference).update(
        state="sent", accepted_at=Now() - timedelta(days=9)
    )

    work = admin_client.get(f"{REFERRALS}?to_do=waiting").context["cl"]
    news = admin_client.get(REFERRALS).context["cl"]

    assert [(r.expression.country.code, r.days_waiting) for r in work.result_list] == [("KZ", 9)] * 3 + [("SN", 0)]
    assert [r.expression.country.code for r in news.result_list][:3] == ["NO", "SN", "SN"]


def test_country_filter_offers_only_countries_that_wrote(admin_client, monday):
    for address in (REFERRALS, "/admin/interest/expressionofinterest/"):
        filters = admin_client.get(address).context["cl"].filter_specs
        [country] = [each for each in filters if getattr(each, "parameter_name", "") == "country"]
        assert country.lookup_choices == [("KZ", "Kazakhstan"), ("NO", "Norway"), ("SN", "Senegal")]
        assert admin_client.get(f"{address}?country=SN").context["cl"].result_count == (2 if address == REFERRALS else 1)


def test_story_tells_everything_in_the_order_of_time(client, admin_client, catalogue):
    expression = confirmed(client, "1103", "2206A")
    referral = expression.referrals.get(initiative__code="1103")
    send_answer(client, {"1103": said("wrong_person", text="I left.", proposed_name="Zed", proposed_email="z@unodc.example")})
    admin_client.post(f"{REFERRALS}{referral.pk}/note/", {"text": "Zed is on leave until May."})

    response = admin_client.get(f"{REFERRALS}{referral.pk}/change/")

    told = [(entry.kind, entry.what, entry.text) for entry in response.context["story"]]
    request = f"Please answer: request from Kazakhstan about one initiative ({expression.reference})"
    assert sorted(told[:2]) == [
        ("event", "Form sent in", ""),
        ("mail", f"Please confirm your e-mail address ({expression.reference})", ""),
    ]
    assert sorted(told[2:5]) == [
        ("event", "Address confirmed", ""),
        ("mail", request, ""),
        ("mail", f"Your interest was passed on: receipt {expression.reference}", ""),
    ]
    assert sorted(told[5:8]) == [
        ("answer", "Wrong person", "I left."),
        ("mail", f"An answer to your interest ({expression.reference})", ""),
        ("mail", f"Your answer to Kazakhstan is recorded ({expression.reference})", ""),
    ]
    assert told[8:] == [("note", "Note", "Zed is on leave until May.")]
    moments = [entry.when for entry in response.context["story"]]
    assert moments == sorted(moments)
    assert f"{REFERRALS}repair/{referral.inquiries.get().pk}/" in response.content.decode()


@pytest.mark.parametrize(("kind", "is_settled"), [("acknowledged", False), ("noted", True)])
def test_story_offers_to_ask_somebody_else_only_while_something_is_asked(client, admin_client, catalogue, kind, is_settled):
    referral = confirmed(client, "1103").referrals.get()
    send_answer(client, {"1103": said(kind)})

    page = admin_client.get(f"{REFERRALS}{referral.pk}/change/").content.decode()

    assert ("Ask somebody else" in page, "This one is settled" in page) == (not is_settled, is_settled)


def test_report_says_what_can_be_overdue_as_it_counts_it(client, admin_client, catalogue):
    referral = confirmed(client, "1103").referrals.get()
    send_answer(client, {"1103": said("acknowledged")})
    Referral.objects.update(staff_called_at=Now() + timedelta(days=1))

    response = admin_client.get(f"{REFERRALS}report/country/")

    [row] = response.context["rows"]
    counted = {cell.address.partition("to_do=")[2].partition("&")[0] for cell in row.cells if cell.count}
    assert counted == {"new", "answered", "overdue", "live", "counted"}
    assert "one that is waiting, or acknowledged without a full answer since, can be overdue" in response.content.decode()
    assert "Acknowledged, but no full answer is known" in client.get(links.status_path(referral.expression)).content.decode()


def test_notes_are_for_staff_and_cannot_be_changed(client, admin_client, catalogue):
    expression = confirmed(client, "1103")
    referral = expression.referrals.get()
    address = f"{REFERRALS}{referral.pk}/note/"

    for _ in range(2):  # a double click
        assert admin_client.post(address, {"text": "Canary note"}).status_code == 302
    assert admin_client.post(address, {"text": " "}).context["form"].errors == {"text": ["Write the note first."]}

    assert list(Note.objects.values_list("text", "author__username")) == [("Canary note", "admin")]
    event = Event.objects.get(what="noted")
    assert (event.actor, event.by, event.why, event.codes) == ("staff", "admin", "", ["1103"])
    page = admin_client.get(f"{REFERRALS}{referral.pk}/change/").content.decode()
    assert page.count("Canary note") == 1
    for link in (links.status_path(expression), answer_link()):
        assert "Canary note" not in client.get(link).content.decode()


@pytest.mark.parametrize("button", ["note", "links"])
def test_button_pressed_after_the_session_ended_is_told_so(client, admin_client, catalogue, button):
    referral = confirmed(client, "1103").referrals.get()
    address = f"{REFERRALS}{referral.pk}/{button}/"

    login = client.post(address, {"text": "Lost"}, follow=True)
    page = admin_client.get(address, follow=True)

    assert "Nothing was saved: you had been signed out. Sign in, and do it again." in login.content.decode()
    assert page.redirect_chain == [(f"{REFERRALS}{referral.pk}/change/", 302)]
    assert "Nothing was saved: you had been signed out." in page.content.decode()
    assert not Note.objects.exists()


def test_list_of_work_is_called_what_the_first_page_calls_it(admin_client, monday):
    page = admin_client.get(f"{REFERRALS}?to_do=to_pass_on").content.decode()
    assert "<h1>Sent to the wrong person</h1>" in page
    assert "<title>Sent to the wrong person | " in page
    assert "<h1>Select referral to view</h1>" in admin_client.get(REFERRALS).content.decode()


def test_page_of_the_form_leads_to_each_story_and_to_erasing(client, admin_client, catalogue):
    expression = confirmed(client, "1103")
    referral = expression.referrals.get()

    page = admin_client.get(f"/admin/interest/expressionofinterest/{expression.pk}/change/").content.decode()
    asked = {"action": "erase_selected", "_selected_action": expression.pk}

    assert f'href="{REFERRALS}{referral.pk}/change/"' in page
    assert "verify:" not in page
    assert 'name="action" value="erase_selected"' in page
    assert f'name="_selected_action" value="{expression.pk}"' in page
    assert "It cannot be undone." in admin_client.post("/admin/interest/expressionofinterest/", asked).content.decode()
    client.force_login(get_user_model().objects.create_user("somebody", is_staff=True))
    viewer = get_user_model().objects.get(username="somebody")
    viewer.user_permissions.add(Permission.objects.get(codename="view_expressionofinterest"))
    shown = client.get(f"/admin/interest/expressionofinterest/{expression.pk}/change/").content.decode()
    assert "erase_selected" not in shown


@pytest.mark.parametrize(("permission", "status"), [("view_referral", 403), ("change_referral", 302)])
def test_writing_a_note_takes_the_right_to_change_referrals(client, catalogue, permission, status):
    referral = confirmed(client, "1103").referrals.get()
    somebody = get_user_model().objects.create_user("somebody", is_staff=True)
    somebody.user_permissions.add(
        *Permission.objects.filter(codename__in=["view_referral", permission], content_type__app_label="interest")
    )
    client.force_login(somebody)

    page = client.get(f"{REFERRALS}{referral.pk}/change/").content.decode()

    assert client.post(f"{REFERRALS}{referral.pk}/note/", {"text": "Text"}).status_code == status
    offers = [words in page for words in ("Add the note", "Ask somebody else", "Write down an answer")]
    assert offers == [status == 302] * 3


def test_story_refuses_strangers_and_posts(client, admin_client, catalogue):
    page = f"{REFERRALS}{confirmed(client, '1103').referrals.get().pk}/change/"
    somebody = get_user_model().objects.create_user("somebody", is_staff=True)
    client.force_login(somebody)

    assert client.get(page).status_code == 403
    assert client.get(f"{REFERRALS}report/country/").status_code == 403
    assert admin_client.post(page, {}).status_code == 405
    assert admin_client.get(f"{REFERRALS}999999/change/").status_code == 404


def test_every_mail_about_an_expression_is_found(client, catalogue):
    """A kind of mail that is missing in MAILED would be missing in the story."""
    one, other = confirmed(client, "1103"), confirmed(client, "2206A", email="other@mvd.example")
    kinds = {folder.name for folder in (settings.BASE_DIR / "templates" / "emails").iterdir() if folder.is_dir()}
    renamed = {"verification": "verify"}
    in_batches = {"reminder", "deputy", "list", "recorded_list", "workday"}
    to_subscribers = {"subscribe", "subscriptions", "digest"}

    assert {renamed.get(kind, kind) for kind in kinds - in_batches - to_subscribers} == set(MAILED)
    assert set(one.mails()) | set(other.mails()) == set(OutgoingEmail.objects.all())
    assert not set(one.mails()) & set(other.mails())
