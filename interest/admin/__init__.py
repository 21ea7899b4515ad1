"""The staff's view of interest: who asked for what, whom it was sent to, what became of it. Only actions change it."""

from interest.admin import referrals, expressions, outbox, subscribers  # noqa: F401, I001  # the order on the first page
