from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.checks import Error, register

from coalition.mail import addresses


@register
def own_addresses_are_usable(**_kwargs: Any) -> list[Error]:
    """The last resort of every request is the Coalition's mailbox: it must be an address that `write` takes."""
    own = {"COALITION_EMAIL": settings.COALITION_EMAIL, "DEFAULT_FROM_EMAIL": parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}
    return [
        Error(f"{name} is {address!r}, which is not an e-mail address.", hint="Write name@host.example.", id="mail.E001")
        for name, address in own.items()
        if not addresses.is_usable(address)
    ]
