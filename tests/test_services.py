"""What the tests start with."""

import os

from tests.services import FOREIGN


def test_nothing_that_a_developer_has_set_reaches_the_tests():
    assert {"DEBUG", "EMAIL_PORT", "STATIC_ROOT", "SECURE_SSL_REDIRECT", "CELERY_PREFIX"} <= set(FOREIGN)
    assert set(FOREIGN) & set(os.environ) == {"DATABASE_URL", "DATA_DIR", "DEMONSTRATION", "SITE_URL"}
