"""/healthz, asked by machines."""

import pytest
from django.db import OperationalError, connection


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
