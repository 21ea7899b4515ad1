import pytest
from django.http import QueryDict

from initiatives.models import Initiative
from interest.forms import MESSAGE_LENGTH, RegisterForm, StatusLinkForm
from tests.interest.conftest import answers

pytestmark = pytest.mark.django_db


def bound(*codes, **values):
    data = QueryDict(mutable=True)
    for name, value in answers(*codes, **values).items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return RegisterForm(data, offered=Initiative.objects.published())


def test_form_takes_complete_answers(catalogue):
    form = bound("1103", "2206A")

    assert form.is_valid(), form.errors
    assert [initiative.code for initiative in form.answers()["initiatives"]] == ["1103", "2206A"]


def test_form_names_all_errors_at_once(catalogue):
    form = bound(name="", job_title="", institution="", country="", email="", understood="", phone="", message="")

    assert sorted(form.errors) == ["country", "email", "initiatives", "institution", "job_title", "name", "understood"]


@pytest.mark.parametrize("field", ["name", "job_title", "institution"])
@pytest.mark.parametrize("breaker", ["\r\n", "\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x1c"])
def test_form_makes_one_line_of_a_line(catalogue, field, breaker):
    form = bound("1103", **{field: f"A{breaker}Bcc: b"})

    assert form.is_valid(), form.errors
    assert form.cleaned_data[field] == "A Bcc: b"


@pytest.mark.parametrize("field", ["name", "job_title", "institution"])
@pytest.mark.parametrize(
    "link", ["HTTP://evil.example", "Www.evil.example", "a@evil.example", "a＠evil.example", "https：／／evil"]
)
def test_form_refuses_links_in_a_line(catalogue, field, link):
    form = bound("1103", **{field: f"Ministry. Answer here: {link}"})

    assert list(form.errors) == [field]
    assert form.errors[field] == ["Please write this without links and e-mail addresses: no “://”, “www.” or “@”."]


@pytest.mark.parametrize("field", ["name", "job_title", "institution"])
@pytest.mark.parametrize("nothing", ["\u200b", "\ufeff", "\u3164", "\u2800 \u200d", "\u115f\u1160\uffa0", "\u00ad\ufe0f"])
def test_form_takes_invisible_signs_for_nothing(catalogue, field, nothing):
    assert form_errors(bound("1103", **{field: nothing})) == {field: "required"}


def form_errors(form):
    return {name: errors[0]["code"] for name, errors in form.errors.get_json_data().items()}


@pytest.mark.parametrize("field", ["name", "job_title", "institution", "phone", "message"])
@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x7f", "\u202e", "\u2066"])
def test_form_refuses_invisible_control_characters(catalogue, field, sign):
    assert list(bound("1103", **{field: f"A{sign}B"}).errors) == [field]


def test_form_keeps_letters_of_every_script(catalogue):
    form = bound("1103", name="Әйгүл می‌خواهم 王", institution="Ministère de la Santé – Direction")

    assert form.is_valid(), form.errors
    assert form.cleaned_data["name"] == "Әйгүл می‌خواهم 王"


def test_form_counts_a_line_break_of_the_message_once(catalogue):
    longest = ("a" * 99 + "\r\n") * 40

    assert bound("1103", message=longest).is_valid()
    assert len(bound("1103", message=longest + "b").fields["message"].clean(longest)) == MESSAGE_LENGTH - 1
    assert list(bound("1103", message="a" * (MESSAGE_LENGTH + 1)).errors) == ["message"]


@pytest.mark.parametrize(
    "address", ["a@localhost", '"a,b@x.example"@example.org', "a@example.org\r\nBcc: b@x.example", "a%b@x.org"]
)
def test_form_refuses_odd_addresses(catalogue, address):
    assert list(bound("1103", email=address).errors) == ["email"]


def test_form_names_what_is_no_longer_offered(catalogue):
    Initiative.objects.filter(code="1103").update(state=Initiative.State.ARCHIVED)

    assert bound("1103", "1104").errors["initiatives"] == ["1103 is no longer in the catalogue and was taken off this form."]


@pytest.mark.parametrize(
    "phone",
    ["+7 7172 000000", "(0043) 1/260-60", "+43 1 26060 ext. 12", "1.555.010.0 x7", "٠١٢ ٣٤٥", "+43 1\r\n26060", "110", ""],
)
def test_form_takes_phone_numbers_as_people_write_them(catalogue, phone):
    assert bound("1103", phone=phone).is_valid()


@pytest.mark.parametrize("phone", ["call me", "http://evil.example/1", "+43 1 26060\nBcc: b@x.example", "12345 <script>", "+"])
def test_form_says_how_to_write_a_phone_number(catalogue, phone):
    assert bound("1103", phone=phone).errors == {
        "phone": ["Write the number with digits, spaces and + ( ) - . / only, for example +43 1 26060 or +43 1 26060 ext. 12."]
    }


def test_form_says_how_much_too_long_a_text_is(catalogue):
    form = bound("1103", message="a" * 4010, name="b" * 151)

    assert form.errors == {
        "message": ["Please make it shorter: 4000 characters fit, and it has 4010."],
        "name": ["Please make it shorter: 150 characters fit, and it has 151."],
    }


@pytest.mark.parametrize("key", ["", "nonsense"])
def test_form_needs_its_key(catalogue, key):
    assert list(bound("1103", key=key).errors) == ["key"]


def test_countries_are_in_alphabetical_order(catalogue):
    names = [str(name) for _code, name in RegisterForm(offered=Initiative.objects.none()).fields["country"].choices][1:]

    assert len(names) == 243
    assert names[:2] == ["Afghanistan", "Åland Islands"]
    assert names[-1] == "Zimbabwe"


@pytest.mark.parametrize(
    "typed",
    [
        "EOI-2026-7KQXRM",
        "eoi-2026-7kqxrm",
        "EOI–2026–7KQXRM",
        "EOI 2026 7KQXRM",
        "EOI20267KQXRM",
        "2026-7KQXRM",
        " EOI‑2026−7KQXRM\u200b ",
    ],
)
def test_reference_is_read_as_people_copy_it(typed):
    form = StatusLinkForm({"reference": typed, "email": "aigul@mvd.example"})

    assert form.is_valid(), form.errors
    assert form.cleaned_data["reference"] == "EOI-2026-7KQXRM"


@pytest.mark.parametrize("typed", ["7KQXRM", "EOI-2026-7KQXR", "EOI-2026-7KQXRMM", "EOI-26-7KQXRM", "hello", "EOI-2026-7KQ/RM"])
def test_what_cannot_be_a_reference_is_told_how_one_looks(typed):
    form = StatusLinkForm({"reference": typed, "email": "aigul@mvd.example"})

    assert form.errors == {"reference": ["A reference looks like this: EOI-2026-7KQXRM"]}
