"""What staff see of interest."""

import pytest
from django.urls import reverse

from coalition.mail.models import OutgoingEmail
from interest.models import Referral
from tests import factories
from tests.interest.conftest import confirmed, registered

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

    # Session, user, fictional contacts, then the list's count, rows, years of the date filter, values of other filters.
    for address, most in [
        (EXPRESSIONS, 5),
        (REFERRALS, 7),
        (f"{EXPRESSIONS}{last.pk}/change/", 7),
        (f"{REFERRALS}{referral.pk}/change/", 5),
    ]:
        with django_assert_max_num_queries(most):
            assert admin_client.get(address).status_code == 200
