"""What staff see of interest."""

import uuid

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from coalition.mail.models import OutgoingEmail
from interest.models import Answer, Event, Referral
from tests import factories
from tests.interest.conftest import confirmed, mail_of, registered, said, send_answer

pytestmark = pytest.mark.django_db
EXPRESSIONS = "/admin/interest/expressionofinterest/"
REFERRALS = "/admin/interest/referral/"


def test_expression_shows_its_referrals_and_links_every_mail(client, admin_client, catalogue):
    confirmed(client, "1103", "2206A", message="an earlier one")
    expression = confirmed(client, "1103", "2206A", "3111")

    page = admin_client.get(f"{EXPRESSIONS}{expression.pk}/change/").content.decode()

    for shown in ("Aigul Focal-Point", "Kazakhstan", "Already registered", "the Coalition’s own mailbox", "Queued"):
        assert shown in page
    mails = OutgoingEmail.objects.filter(key__contains=expression.reference)
    assert mails.count() == 3
    for mail in mails:
        assert reverse("admin:mail_outgoingemail_read", args=[mail.pk]) in page
    assert page.count("/read/") == 3 + 1  # one more in the row of the referral that was sent


@pytest.mark.parametrize("address", [EXPRESSIONS, REFERRALS])
def test_lists_can_be_searched_and_filtered_but_not_changed(client, admin_client, catalogue, address):
    expression = confirmed(client, "1103")
    registered(client, "2206A", email="other@mvd.example", institution="Ministry of Health")

    assert expression.reference in admin_client.get(f"{address}?q={expression.reference}").content.decode()
    assert expression.reference not in admin_client.get(f"{address}?q=Ministry+of+Health").content.decode()
    assert admin_client.get(f"{address}add/").status_code == 403


def test_referrals_to_do_are_those_without_a_contact(client, admin_client, catalogue):
    confirmed(client, "1103", "3111")

    page = admin_client.get(f"{REFERRALS}?to_do=with_the_coalition").content.decode()

    assert "Title of 3111" in page
    assert "Precursor control" not in page
    assert f'href="{REFERRALS}?to_do=with_the_coalition"' in admin_client.get("/admin/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_lists_take_the_same_number_of_queries(client, admin_client, unodc, django_assert_max_num_queries, count):
    codes = [factories.initiative(f"110{number}", lead=unodc).code for number in range(1, count + 1)]
    for code in codes:
        confirmed(client, code)
    last = confirmed(client, *codes, message="Another")
    referral = Referral.objects.filter(is_live=True).first()

    # Session, user, fictional contacts, then the list's count, rows, years of the date filter, values of other filters; on
    # a page what is linked with the row: referrals, mails, events, answers, inquiries, notes.
    for address, most in [
        (EXPRESSIONS, 6),
        (REFERRALS, 8),
        (f"{EXPRESSIONS}{last.pk}/change/", 8),
        (f"{REFERRALS}{referral.pk}/change/", 10),
    ]:
        with django_assert_max_num_queries(most):
            assert admin_client.get(address).status_code == 200


def test_referral_shows_its_whole_story(client, admin_client, catalogue):
    expression = confirmed(client, "1103", "2206A")
    proposal = {"proposed_name": "Zed Replacement", "proposed_email": "zed@unodc.example", "text": "Not me any more."}
    send_answer(client, {"1103": said("wrong_person", **proposal)})
    referral = expression.referrals.get(initiative__code="1103")

    page = admin_client.get(f"{REFERRALS}{referral.pk}/change/").content.decode()

    for shown in ("Not me any more.", "Zed Replacement zed@unodc.example", "Form sent in", "Address confirmed", "Wrong person"):
        assert shown in page
    for mail in OutgoingEmail.objects.exclude(recipient="canary.healer@who.example"):
        assert f"/admin/mail/outgoingemail/{mail.pk}/read/" in page
    assert "canary.healer@who.example" not in page
    assert "_save" not in page
    other = expression.referrals.get(initiative__code="2206A")
    assert "Not me any more." not in admin_client.get(f"{REFERRALS}{other.pk}/change/").content.decode()


def test_wrong_person_is_a_thing_to_do(client, admin_client, catalogue):
    confirmed(client, "1103", "1104")
    send_answer(client, {"1103": said("wrong_person")})

    page = admin_client.get(f"{REFERRALS}?to_do=to_pass_on").content.decode()

    assert "Precursor control" in page
    assert "Title of 1104" not in page
    assert f'href="{REFERRALS}?to_do=to_pass_on"' in admin_client.get("/admin/").content.decode()


def written_down(admin_client, referral, **values):
    form = {"key": str(uuid.uuid4()), "kind": "scheduled", "period": "March", "text": "", "why": "By telephone"} | values
    return admin_client.post(f"{REFERRALS}{referral.pk}/answer/", form)


def test_staff_write_down_an_answer_for_a_silent_contact(client, admin_client, catalogue):
    referral = confirmed(client, "1103").referrals.get()
    link = f"{REFERRALS}{referral.pk}/answer/"
    assert link in admin_client.get(f"{REFERRALS}{referral.pk}/change/").content.decode()
    assert admin_client.get(link).status_code == 200
    key = str(uuid.uuid4())

    for _ in range(2):
        assert written_down(admin_client, referral, key=key).url == f"{REFERRALS}{referral.pk}/change/"

    referral.refresh_from_db()
    assert referral.status == "scheduled"
    assert [(answer.author, answer.kind, answer.contact) for answer in Answer.objects.all()] == [
        ("staff", "scheduled", referral.contact)
    ]
    email = mail_of("answer")
    assert "The Coalition’s staff wrote it down for them." in email.text
    assert "telephone" not in email.text + email.html
    event = Event.objects.get(what="answered")
    assert (event.actor, event.by, event.why) == ("staff", "admin", "By telephone")


@pytest.mark.parametrize("values", [{"why": ""}, {"period": ""}, {"kind": "wrong_person"}, {"kind": "not_suitable"}])
def test_staff_must_say_what_and_how_they_know(client, admin_client, catalogue, values):
    referral = confirmed(client, "1103").referrals.get()

    assert written_down(admin_client, referral, **values).status_code == 200
    assert not Answer.objects.exists()


@pytest.mark.parametrize(("permission", "status"), [("view_referral", 403), ("change_referral", 302)])
def test_answering_for_a_contact_takes_the_right_to_change_referrals(client, catalogue, permission, status):
    referral = confirmed(client, "1103").referrals.get()
    somebody = get_user_model().objects.create_user("somebody", is_staff=True)
    somebody.user_permissions.add(Permission.objects.get(codename=permission))
    client.force_login(somebody)

    assert written_down(client, referral).status_code == status
    assert Answer.objects.exists() == (status == 302)
