"""Whether this process can serve, and whether the workers work: asked by load balancers, docker-compose.yml and `make run`."""

from http import HTTPStatus

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from coalition.mail import heartbeat


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, else 503 and a sentence. Redis and the mail server are not asked: no page needs them."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return down(gettext("The database does not answer."))
    return JsonResponse({"status": "ok"})


def down(detail: str, **more: object) -> JsonResponse:
    return JsonResponse({"status": "down", "detail": detail} | more, status=HTTPStatus.SERVICE_UNAVAILABLE)


@require_safe
@never_cache
def worker(request: HttpRequest) -> JsonResponse:
    """200 while the scheduler asks for tasks and a worker takes them, else 503. `age`: seconds since the last one."""
    try:
        age = heartbeat.age()
    except Error:
        return down(gettext("The database does not answer."))
    seconds = round(age.total_seconds()) if age is not None else None
    if heartbeat.is_heard(age):
        return JsonResponse({"status": "ok", "age": seconds})
    return down(gettext("No worker runs tasks. Look at the worker, the scheduler (beat) and Redis."), age=seconds)
