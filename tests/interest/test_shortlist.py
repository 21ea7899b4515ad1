import pytest
from django.test import Client
from django.urls import reverse

from initiatives.models import Initiative
from interest.models import ExpressionOfInterest
from tests import factories
from tests.interest.conftest import HERE, answers

pytestmark = pytest.mark.django_db
PATH = "/interest/"


def change(client, headers=HERE, **values):
    return client.post(PATH, values, **headers)


def listed(client):
    cookie = client.cookies.get("shortlist")
    return cookie.value.split(".") if cookie and cookie.value else []


def test_add_and_remove_change_a_cookie(client):
    response = change(client, add=["1103", "2206A"])

    assert response.status_code == 302
    assert listed(client) == ["1103", "2206A"]
    cookie = response.cookies["shortlist"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"], cookie["secure"], cookie["path"]) == (
        True,
        "Lax",
        365 * 24 * 60 * 60,
        "",
        "/",
    )
    change(client, remove="1103")
    assert listed(client) == ["2206A"]
    change(client, clear="1")
    assert listed(client) == []


def test_bar_leads_to_the_form_with_the_codes_in_its_address(client, catalogue):
    form = reverse("interest:register")
    assert f'href="{form}" data-register' in client.get("/initiatives/").content.decode()

    change(client, add=["1103", "2206A"])

    assert f'href="{form}?initiative=1103&amp;initiative=2206A" data-register' in client.get("/initiatives/").content.decode()


def test_cookie_is_secure_on_https(client):
    response = client.post(PATH, {"add": "1103"}, secure=True, HTTP_ORIGIN="https://testserver")

    assert response.cookies["shortlist"]["secure"] is True


def test_add_ignores_garbage_and_repetition(client):
    change(client, add=["1103", "1103", "", "11033", "<script>", "1103\n", "١١٠٣"])

    assert listed(client) == ["1103"]


def test_add_beyond_the_limit_says_so_and_changes_nothing(client, catalogue):
    client.cookies["shortlist"] = ".".join(["1103"] + [str(number) for number in range(5001, 5050)])

    response = change(client, add="1104")

    assert response.status_code == 409
    assert "Your shortlist is full: it holds 50 initiatives" in response.content.decode()
    assert "shortlist" not in response.cookies


@pytest.mark.parametrize("cookie", ["", "....", "nonsense", "1103" * 2000, '"\\"', "1103.<b>.9999999"])
def test_page_survives_any_cookie(client, cookie):
    client.cookies["shortlist"] = cookie

    assert client.get(PATH).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        HERE,
        {"HTTP_SEC_FETCH_SITE": "same-origin"},
        {"HTTP_REFERER": "http://testserver/initiatives/"},
    ],
)
def test_change_from_this_site_is_accepted(client, headers):
    assert change(client, headers, add="1103").status_code == 302


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_ORIGIN": "http://evil.example"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_ORIGIN": "http://evil.example", "HTTP_REFERER": "http://testserver/"},
        {"HTTP_ORIGIN": "https://testserver"},
        {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_REFERER": "http://testserver/"},
        {"HTTP_SEC_FETCH_SITE": "none"},
        {"HTTP_REFERER": "http://testserver.evil.example/"},
        {"HTTP_REFERER": "http://["},
    ],
)
def test_change_from_elsewhere_is_refused(client, headers):
    response = change(client, headers, add="1103")

    assert response.status_code == 403
    assert "Your browser did not say that a page of this site sent the request" in response.content.decode()
    assert "shortlist" not in response.cookies


@pytest.mark.parametrize("next_page", ["/initiatives/?search=a&page=2#initiative-1103", "/interest/"])
def test_change_returns_to_the_page_it_came_from(client, next_page):
    first = change(client, add="1103", next=next_page)
    assert client.get(first.url).url == next_page
    assert change(client, add="1104", next=next_page).url == next_page


@pytest.mark.parametrize(
    "next_page", ["", "//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "x"]
)
def test_change_returns_to_no_other_site(client, next_page):
    first = change(client, add="1103", next=next_page)
    assert client.get(first.url).url == PATH
    assert change(client, add="1104", next=next_page).url == PATH
    assert client.get(PATH, {"kept": "1103", "next": next_page}).url == PATH


def test_page_shows_published_entries_in_the_order_of_the_list(client, catalogue):
    Initiative.objects.filter(code="1104").update(state=Initiative.State.DRAFT, title="Secret draft")
    client.cookies["shortlist"] = "2206A.1104.1103"

    page = client.get(PATH).content.decode()

    assert page.index("Title of 2206A") < page.index("Precursor control")
    assert "1104 is no longer in the catalogue" in page
    assert "Secret draft" not in page
    assert "http://testserver/interest/?initiative=2206A.1103" in page


def test_page_without_a_list_says_how_to_make_one(client):
    assert "Nothing on your shortlist yet" in client.get(PATH).content.decode()


@pytest.mark.parametrize("query", ["?initiative=1103&initiative=2206A&initiative=9999", "?initiative=1103.2206a.9999"])
def test_link_of_a_colleague_shows_their_list_and_adds_it(client, catalogue, query):
    client.cookies["shortlist"] = "3224"

    response = client.get(PATH + query)
    page = response.content.decode()

    assert "A list that was sent to you" in page
    assert "Add all to my shortlist" in page
    assert "9999 is no longer in the catalogue, or never was." in page
    assert "shortlist" not in response.cookies
    change(client, add=["1103", "2206A"])
    assert listed(client) == ["3224", "1103", "2206A"]


def test_page_varies_with_the_cookie_and_sets_none(client, catalogue):
    response = client.get(reverse("initiatives:catalogue"))

    assert not response.cookies
    assert "Cookie" in response["Vary"]


def test_answers_without_a_shortlist_do_not_vary_with_cookies(client):
    assert "Cookie" not in client.get("/api/v1/initiatives/").get("Vary", "")


@pytest.mark.parametrize("count", [1, 3])
def test_page_takes_few_queries(client, unodc, django_assert_max_num_queries, count):
    codes = [factories.initiative(f"110{number}", lead=unodc).code for number in range(1, count + 1)]
    client.cookies["shortlist"] = ".".join(codes)

    # Initiatives with their groups, organizations, terms.
    with django_assert_max_num_queries(3):
        client.get(PATH)


def test_first_press_finds_out_whether_the_browser_keeps_the_list(client, catalogue):
    back = "/initiatives/?page=2#initiative-1103"
    first = change(client, add="1103", next=back)
    stranger = Client().get(first.url)

    assert client.get(first.url).url == back
    assert stranger.status_code == 200
    page = stranger.content.decode()
    assert "Your browser does not keep the shortlist" in page
    assert "Precursor control" in page
    assert 'href="/interest/register/?initiative=1103"' in page
    assert f'href="{back}"' in page
    assert not stranger.cookies


@pytest.mark.parametrize(("headers", "status"), [(HERE, 302), ({}, 403), ({"HTTP_ORIGIN": "http://evil.example"}, 403)])
def test_form_from_this_site_needs_no_cookie_and_any_other_does(catalogue, headers, status):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(reverse("interest:register"), answers("1103"), **headers).status_code == status

    assert ExpressionOfInterest.objects.exists() == (status == 302)


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        ("initiative=1103&initiative=2206a,+1104", ["1103", "1104", "2206A"]),
        ("initiative=nonsense,1103<", []),
        ("initiative=", []),
    ],
)
def test_form_takes_codes_as_people_write_them(client, catalogue, query, offered):
    page = client.get(f"/interest/register/?{query}")

    assert sorted(initiative.code for initiative in page.context["offered"]) == offered
