import pytest
from django.core.exceptions import ValidationError

from coalition.mail import addresses


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("Ana.Perez@Salud.gob.mx", "Ana.Perez@salud.gob.mx"),
        (" o'neill+drugs@health.gov.ie ", "o'neill+drugs@health.gov.ie"),
        ("a_b-c{d}@x-y.example.org", "a_b-c{d}@x-y.example.org"),
        ("info@минздрав.рф", "info@xn--80aeelexi0a.xn--p1ai"),
    ],
)
def test_clean_keeps_real_addresses(written, cleaned):
    assert addresses.clean(written) == cleaned


@pytest.mark.parametrize(
    "odd",
    [
        "",
        "nobody",
        "@example.org",
        "a@",
        "a@localhost",
        "a@example.1",
        "a@[127.0.0.1]",
        "a@127.0.0.1",
        "a@[IPv6:::1]",
        '"a,evil@x.example"@example.org',
        '"a b"@example.org',
        "a%b@example.org",
        "a!b@example.org",
        "a|b@example.org",
        "a=b@example.org",
        "a?b@example.org",
        "=?utf-8?q?boss=40bank.example=2Cx?=@evil.example",
        "a@b@example.org",
        "a..b@example.org",
        ".a@example.org",
        "a.@example.org",
        "a@example..org",
        "a@-example.org",
        "a@example-.org",
        "a b@example.org",
        "a@example.org, b@example.org",
        "a@example.org;b@example.org",
        "Ana <a@example.org>",
        "a@example.org\n",
        "a@example.org\r\nBcc: b@example.org",
        "a\r\nBcc: b@example.org",
        "a@example.org%0d%0aBcc:b@example.org",
        "a@example.org\u2028Bcc: b@example.org",
        "a@example.org\x00",
        "a\x00@example.org",
        "ána@example.org",
        "a" * 65 + "@example.org",
        "a@" + "b" * 64 + ".org",
        "a@" + ".".join(["b" * 60] * 5) + ".org",
    ],
)
def test_clean_refuses_odd_addresses(odd):
    with pytest.raises(ValidationError):
        addresses.clean(odd)
    assert not addresses.is_usable(odd)


def test_normalize_makes_spellings_of_one_mailbox_equal():
    assert addresses.normalize("Ana.Perez@Salud.GOB.mx") == addresses.normalize("ana.perez@salud.gob.mx")
