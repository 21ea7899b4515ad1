"""/healthz and /healthz/worker, asked by machines."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from coalition import healthcheck
from coalition.mail import pause, tasks
from coalition.mail.models import Heartbeat

NO_WORKER = "No worker runs tasks. Look at the worker, the scheduler (beat) and Redis."


@pytest.mark.django_db
def test_healthz_while_the_database_answers(client):
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]
    assert response.cookies == {}


@pytest.mark.django_db
def test_healthz_without_a_database_says_so(client, monkeypatch):
    def down():
        raise OperationalError("connection to server at secret.example.org failed")

    monkeypatch.setattr(connection, "cursor", down)
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (503, {"status": "down", "detail": "The database does not answer."})


@pytest.mark.django_db
def test_healthz_is_only_read(client):
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (75, 200), (90, 503), (86_400, 503)])
def test_worker_is_well_as_long_as_its_last_round_is_not_long_ago(client, seconds, status):
    tasks.send_due()
    Heartbeat.objects.update(beat_at=F("beat_at") - timedelta(seconds=seconds))

    response = client.get("/healthz/worker")

    words = {"status": "ok"} if status == 200 else {"status": "down", "detail": NO_WORKER}
    assert (response.status_code, response.json()) == (status, words | {"age": response.json()["age"]})
    assert seconds <= response.json()["age"] < seconds + 4
    assert "no-store" in response["Cache-Control"]
    assert healthcheck.worker() == (0 if status == 200 else 1)


@pytest.mark.django_db
def test_worker_that_never_ran_is_down(client):
    response = client.get("/healthz/worker")
    assert (response.status_code, response.json()) == (503, {"status": "down", "detail": NO_WORKER, "age": None})


@pytest.mark.django_db
def test_worker_is_well_while_the_mail_server_is_not(client):
    pause.begin(code=535, text="x")
    tasks.send_due()
    assert client.get("/healthz/worker").status_code == 200


@pytest.mark.django_db
def test_every_round_moves_the_one_heartbeat_there_is(client):
    tasks.send_due()
    Heartbeat.objects.update(beat_at=Now() - timedelta(hours=1))
    tasks.send_due()

    assert client.get("/healthz/worker").status_code == 200
    with pytest.raises(IntegrityError), transaction.atomic():
        Heartbeat.objects.create(id=2, beat_at=Now())


@pytest.mark.django_db
def test_worker_without_a_database_is_not_known_to_be_well(client, monkeypatch):
    def down():
        raise OperationalError("connection to server at secret.example.org failed")

    monkeypatch.setattr("coalition.mail.heartbeat.age", down)
    response = client.get("/healthz/worker")
    assert (response.status_code, response.json()) == (503, {"status": "down", "detail": "The database does not answer."})
    assert healthcheck.worker() == 1
