"""Starts what the tests need before Django reads its settings: PostgreSQL and Redis, on sockets and ports of their own.

Loaded as a pytest plugin (`-p tests.services`). TEST_DATABASE_URL uses a server that runs already.
"""

import os


def pytest_load_initial_conftests() -> None:
    os.environ.update(
        DEMONSTRATION="on",
        DATABASE_URL=os.environ.get("TEST_DATABASE_URL", ""),
        SITE_URL="http://testserver",
    )
