"""Staff read words that are meant for them, the same everywhere, with the numbers of the status page."""

import re

import pytest

from interest import inbox, links
from interest.models import Referral
from tests.interest.calendar import december
from tests.interest.conftest import confirmed, said, send_answer

pytestmark = pytest.mark.django_db
REFERRALS = "/admin/interest/referral/"
# What only a focal point is told.
TO_THE_FOCAL_POINT = ["Needs information from you", "Being passed to the right person"]


def pages_about(client, referral):
    addresses = [
        "/admin/",
        REFERRALS,
        f"{REFERRALS}{referral.pk}/change/",
        f"{REFERRALS}report/country/",
        f"/admin/interest/expressionofinterest/{referral.expression_id}/change/",
    ]
    return {address: client.get(address).content.decode() for address in addresses}


@pytest.mark.parametrize(
    ("kind", "words"), [("need_information", "Waits for the focal point"), ("wrong_person", "Sent to the wrong person")]
)
def test_no_page_speaks_to_staff_as_if_they_were_the_focal_point(client, admin_client, catalogue, kind, words):
    referral = confirmed(client, "1103").referrals.get()
    send_answer(client, {"1103": said(kind, text="Who?")})

    pages = pages_about(admin_client, referral)

    assert [(address, said) for address, page in pages.items() for said in TO_THE_FOCAL_POINT if said in page] == []
    for address in [REFERRALS, f"{REFERRALS}{referral.pk}/change/", list(pages)[-1]]:
        assert words in pages[address]


def test_status_filter_has_the_same_words_and_finds_the_same(client, admin_client, catalogue):
    confirmed(client, "1103", "1104")
    send_answer(client, {"1103": said("need_information", text="Who?")})

    context = admin_client.get(f"{REFERRALS}?status__exact=need_information").context
    [choices] = [each.lookup_choices for each in context["cl"].filter_specs if each.title == "status"]

    assert dict(choices) == {value: str(words) for value, words in inbox.STATUS.items()}
    assert set(inbox.STATUS) == set(Referral.Status)
    assert [referral.initiative.code for referral in context["cl"].result_list] == ["1103"]


def test_days_without_an_answer_are_those_of_the_status_page(client, admin_client, catalogue, calendar):
    expression = confirmed(client, "3111")
    calendar.send(december(2))
    calendar.run(december(10))
    referral = expression.referrals.get()

    shown = re.search(r"No answer is known for \d+ days", client.get(links.status_path(expression)).content.decode())[0]

    for address in (REFERRALS, f"{REFERRALS}{referral.pk}/change/"):
        assert shown in admin_client.get(address).content.decode()


def test_first_page_has_each_heading_once(client, admin_client, catalogue):
    confirmed(client, "1103", "3111")

    page = admin_client.get("/admin/").content.decode()

    headings = [
        " ".join(re.sub("<[^>]+>", " ", found).split()) for found in re.findall(r"<(?:h2|caption)[^>]*>(.*?)</", page, re.DOTALL)
    ]
    assert {"To do", "How interest stands"} <= set(headings)
    assert len(headings) == len(set(headings))
