"""The rules of registering and verifying (design §5), without pages."""

import uuid

import pytest
from django.db import IntegrityError

from coalition.mail.models import OutgoingEmail
from initiatives.models import Initiative
from interest import actions
from interest.actions import registering
from interest.models import Referral
from tests import factories

pytestmark = pytest.mark.django_db

PERSON = {
    "name": "Aigul",
    "job_title": "Head",
    "institution": "Ministry",
    "country": "KZ",
    "email": "aigul@mvd.example",
    "phone": "",
    "message": "",
    "language": "en",
}


def register(*codes, key=None, **values):
    initiatives = Initiative.objects.filter(code__in=codes)
    return actions.register(key=key or uuid.uuid4(), initiatives=initiatives, **PERSON | values)


def contact_mails(expression):
    """Which mail asks about which initiatives."""
    mails = OutgoingEmail.objects.filter(kind="contact", key__contains=expression.reference)
    return {
        mail.recipient: sorted(mail.referrals.filter(is_live=True).values_list("initiative__code", flat=True)) for mail in mails
    }


def test_register_writes_an_unverified_expression_and_one_mail(catalogue):
    expression = register("1103", "2206A")

    assert not expression.is_verified
    assert sorted(expression.referrals.values_list("initiative__code", "address_key", "is_live")) == [
        ("1103", "aigul@mvd.example", False),
        ("2206A", "aigul@mvd.example", False),
    ]
    assert [(mail.key, mail.recipient) for mail in OutgoingEmail.objects.all()] == [
        (f"verify:{expression.reference}", "aigul@mvd.example")
    ]


def test_register_makes_a_reference_of_unambiguous_signs(catalogue):
    reference = register("1103").reference

    year, random = reference.removeprefix("EOI-").split("-")
    assert year.isdigit()
    assert len(random) == 6
    assert set(random) <= set(registering.REFERENCE_SIGNS)
    assert not set("IO01BS8Z25") & set(registering.REFERENCE_SIGNS)


def test_register_tries_another_reference_if_one_is_taken(catalogue, monkeypatch):
    references = iter(["EOI-2026-AAAAAA", "EOI-2026-AAAAAA", "EOI-2026-CCCCCC"])
    monkeypatch.setattr(registering, "new_reference", lambda: next(references))

    assert [register("1103").reference, register("1104").reference] == ["EOI-2026-AAAAAA", "EOI-2026-CCCCCC"]


def test_register_twice_with_the_same_form_is_one_expression(catalogue):
    key = uuid.uuid4()

    assert register("1103", key=key) == register("1103", key=key)
    assert OutgoingEmail.objects.count() == 1


def test_register_again_with_a_corrected_address_is_another_expression(catalogue):
    key = uuid.uuid4()
    register("1103", key=key, email="aigul@mdv.example")

    register("1103", key=key, email="aigul@mvd.example")

    assert list(OutgoingEmail.objects.order_by("pk").values_list("recipient", flat=True)) == [
        "aigul@mdv.example",
        "aigul@mvd.example",
    ]


def test_verify_asks_each_address_once_about_its_initiatives(catalogue):
    expression = actions.verify(expression=register("1103", "1104", "2206A", "3224", "3111"))

    assert expression.is_verified
    assert contact_mails(expression) == {
        "canary.default@unodc.example": ["1103", "1104"],
        "canary.healer@who.example": ["2206A"],
        "canary.own@unodc.example": ["3224"],
        "coalition@example.org": ["3111"],
    }
    assert expression.referrals.filter(is_live=True).count() == 5
    assert OutgoingEmail.objects.filter(key=f"receipt:{expression.reference}").count() == 1


def test_verify_writes_one_mail_to_an_address_of_two_organizations(catalogue, unodc, who):
    factories.initiative("2101", lead=who, contacts=[factories.contact(who, "Twin", email="Canary.Default@UNODC.example")])
    expression = actions.verify(expression=register("1103", "2101"))

    assert contact_mails(expression) == {"canary.default@unodc.example": ["1103", "2101"]}
    text = OutgoingEmail.objects.get(kind="contact").text
    assert "United Nations Office on Drugs and Crime, World Health Organization" in text


def test_verify_twice_has_one_effect(catalogue):
    expression = register("1103")
    first = actions.verify(expression=expression)

    second = actions.verify(expression=expression)

    assert second.verified_at == first.verified_at
    assert OutgoingEmail.objects.count() == 3


def test_verify_leaves_out_what_is_live_already_for_the_address(catalogue):
    earlier = actions.verify(expression=register("1103"))
    later = actions.verify(expression=register("1103", "1104", email="AIGUL@mvd.example"))

    assert contact_mails(later) == {"canary.default@unodc.example": ["1104"]}
    left_out = later.referrals.get(initiative__code="1103")
    assert (left_out.is_live, left_out.already_live.expression, left_out.delivery) == (False, earlier, "already_live")
    assert (
        f"you registered for it before: {earlier.reference}" in OutgoingEmail.objects.get(key=f"receipt:{later.reference}").text
    )


def test_verify_with_nothing_new_sends_only_a_receipt(catalogue):
    actions.verify(expression=register("1103"))
    later = actions.verify(expression=register("1103"))

    assert contact_mails(later) == {}
    receipt = OutgoingEmail.objects.get(key=f"receipt:{later.reference}")
    assert receipt.subject == f"Nothing new to pass on: receipt {later.reference}"


def test_verify_is_not_blocked_by_an_unverified_expression_of_somebody_else(catalogue):
    register("1103", name="Somebody who typed this address")

    expression = actions.verify(expression=register("1103"))

    assert contact_mails(expression) == {"canary.default@unodc.example": ["1103"]}


def test_verify_takes_only_what_is_still_published(catalogue):
    expression = register("1103", "1104")
    Initiative.objects.filter(code="1104").update(state=Initiative.State.ARCHIVED)

    actions.verify(expression=expression)

    assert contact_mails(expression) == {"canary.default@unodc.example": ["1103"]}
    expression.refresh_from_db()
    assert expression.referrals.get(initiative__code="1104").delivery == "not_offered"
    assert "it is no longer in the catalogue" in OutgoingEmail.objects.get(kind="receipt").text


def test_verify_asks_the_next_contact_if_one_cannot_be_written_to(catalogue, unodc):
    odd = factories.contact(unodc, "Odd", email='"odd,evil@x.example"@unodc.example')
    gone = factories.contact(unodc, "Gone", is_active=False)
    factories.initiative("2101", lead=unodc, contacts=[odd, gone])

    expression = actions.verify(expression=register("2101"))

    assert contact_mails(expression) == {"canary.default@unodc.example": ["2101"]}


def test_verify_takes_the_same_number_of_queries_for_any_number_of_initiatives(catalogue, unodc, django_assert_num_queries):
    more = [factories.initiative(f"12{number}", lead=unodc).code for number in range(10, 20)]
    one, many = register("1104"), register("1103", *more, email="other@mvd.example")

    # Savepoint 2; lock of repairs, lock row, lock address, save; referrals, live ones, contacts of initiatives and organizations;
    # contact mail 2, its turn 4; inquiries; referrals; event; receipt 2; turn of the mail given back, next one that waits.
    # And the verification is done with: is it held, savepoint 2, out of date.
    for expression in (one, many):
        with django_assert_num_queries(27):
            actions.verify(expression=expression)


@pytest.mark.parametrize(
    "values",
    [{"is_live": True}, {"is_live": True, "status": Referral.Status.WITHDRAWN}, {"status": Referral.Status.WITHDRAWN}],
)
def test_database_refuses_a_referral_that_contradicts_itself(catalogue, values):
    register("1103")

    with pytest.raises(IntegrityError, match="referral_is_unasked_or_live_or_withdrawn"):
        Referral.objects.update(**values)


def test_database_refuses_a_live_referral_that_is_withdrawn(catalogue):
    actions.verify(expression=register("1103"))

    with pytest.raises(IntegrityError, match="referral_is_unasked_or_live_or_withdrawn"):
        Referral.objects.update(status=Referral.Status.WITHDRAWN)


def test_database_refuses_a_referral_to_an_initiative_twice(catalogue):
    register("1103", "1104")

    with pytest.raises(IntegrityError, match="initiative_once_per_expression"):
        Referral.objects.update(initiative=catalogue["1103"])


def test_database_refuses_a_second_live_referral_for_an_address(catalogue):
    first, second = register("1103"), register("1103")
    actions.verify(expression=first)
    mail = OutgoingEmail.objects.get(kind="contact")

    with pytest.raises(IntegrityError, match="one_live_referral_per_address"):
        second.referrals.update(is_live=True, email=mail)
