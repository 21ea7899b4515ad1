"""Whoever opens the link in the mail on a phone sees who asks for what, and the choices, without scrolling far."""

import pytest

from tests import factories
from tests.interest.conftest import answer_link, confirmed, said, send_answer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TITLE = "Strengthening national forensic laboratories and early warning systems for new psychoactive substances. "
MESSAGE = "We would like to send 30 officers of our forensic laboratory. " * 40


@pytest.mark.parametrize("size", [(390, 844), (320, 640)])
@pytest.mark.parametrize("case", [(1, 1.1), (6, 1.9)], ids=["one initiative", "six"])
def test_first_choice_is_near_the_top(client, page, live_server, unodc, size, case):  # noqa: PLR0917  fixtures
    (width, height), (count, screens) = size, case
    codes = [factories.initiative(f"110{number}", lead=unodc, title=TITLE * 3).code for number in range(1, count + 1)]
    confirmed(client, *codes, message=MESSAGE)
    for answered in (False, True):
        if answered:
            send_answer(client, {code: said("need_information", text="Who?") for code in codes})
        page.set_viewport_size({"width": width, "height": height})
        page.goto(live_server.url + answer_link())

        box = page.locator("main input[type=radio]").first.bounding_box()

        assert box["y"] + box["height"] < height * screens
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.complaints == []
