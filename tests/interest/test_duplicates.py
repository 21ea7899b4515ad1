"""What was registered twice: the page of the second one leads to the first, and each is deleted on its own."""

import pytest
from django.db.models.functions import Now

from coalition.mail.models import OutgoingEmail
from interest import actions, links
from interest.models import ExpressionOfInterest
from tests.interest.conftest import confirmed, mail_of
from tests.interest.test_following import page_of, text_of

pytestmark = pytest.mark.django_db
AGAIN = 'href="/interest/register/?initiative=1103">Register again'


@pytest.fixture
def twice(client, catalogue):
    return confirmed(client, "1103"), confirmed(client, "1103", message="Again")


def page(client, expression):
    return text_of(client.get(links.status_path(expression)))


def test_page_names_the_first_request_and_mails_its_link(client, twice):
    first, second = twice
    shown = page(client, second)
    assert f"You registered for this before, with {first.reference}." in shown
    assert f"Mail me the link to {first.reference}" in shown
    assert AGAIN not in shown
    assert links.status_path(first) not in shown

    client.post("/interest/link/", {"reference": first.reference, "email": "aigul@mvd.example"})

    assert mail_of("status_link").key.split(":")[1] == first.reference


@pytest.mark.parametrize("end", ["withdrawn", "erased", "purged"])
def test_page_offers_to_register_again_when_the_first_is_over(client, twice, end):
    first, second = twice
    if end == "withdrawn":
        actions.withdraw(expression=first, codes=["1103"])
    elif end == "erased":
        actions.erase(expression=first)
    else:
        blank = dict.fromkeys(["name", "job_title", "institution", "email", "phone", "message"], "")
        ExpressionOfInterest.objects.filter(pk=first.pk).update(erased_at=Now(), **blank)

    shown = page(client, second)

    assert "That one was withdrawn or deleted since." in shown
    assert AGAIN in shown
    assert "Already registered" not in shown
    assert "Mail me the link" not in shown


def test_page_that_deletes_names_the_other_requests_of_the_address(client, catalogue):
    first, second = confirmed(client, "1103"), confirmed(client, "1104")
    foreign = confirmed(client, "1103", email="other@mvd.example")
    path = page_of("erase").replace(page_of("erase").split("/")[3], links.status_path(first).split("/")[3])

    shown = text_of(client.get(path))

    assert "You sent 1 other request from the same address." in shown
    assert f"Mail me the link to {second.reference}" in shown
    assert foreign.reference not in shown
    actions.erase(expression=second)
    assert "What is not deleted" not in text_of(client.get(path))
    assert OutgoingEmail.objects.filter(kind="erased").count() == 1
