"""For a container's health check: `python -m coalition.healthcheck` asks the web server beside it whether it is well, and
`python -m coalition.healthcheck worker` asks the database whether any worker runs tasks.
"""

import os
import sys
from http import HTTPStatus
from http.client import HTTPConnection


def worker() -> int:
    import django
    from django.db import Error

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coalition.settings")
    django.setup()
    from coalition.mail import heartbeat

    try:
        return 0 if heartbeat.is_heard(heartbeat.age()) else 1
    except Error:
        return 1


def web() -> int:
    host = os.environ.get("ALLOWED_HOSTS", "127.0.0.1").split(",")[0].strip().lstrip(".")
    connection = HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return 0 if connection.getresponse().status == HTTPStatus.OK else 1
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(worker() if sys.argv[1:] == ["worker"] else web())
