"""What the database holds of answers and events, and refuses."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from interest.models import Answer, Event, Referral
from tests.interest.conftest import confirmed, mail_of, said, send_answer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [Answer, Event])
@pytest.mark.parametrize(
    "spoil", [lambda rows: rows.update(created_at=F("created_at")), lambda rows: rows.all()._raw_delete("default")]
)
def test_database_refuses_to_change_or_delete_the_record(client, catalogue, model, spoil):
    confirmed(client, "1103")
    send_answer(client, {"1103": said("acknowledged")})

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        spoil(model.objects.all())
    assert model.objects.exists()


def test_purge_may_empty_an_answer_in_its_own_transaction_only(client, catalogue):
    confirmed(client, "1103")
    send_answer(client, {"1103": said("acknowledged", text="Personal words")})

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL interest.purging = 'on'")
        Answer.objects.update(text="")
    assert Answer.objects.get().text == ""


def test_events_hold_no_text_that_somebody_wrote(client, catalogue):
    confirmed(client, "1103", message="MESSAGEWORD")
    send_answer(client, {"1103": said("need_information", text="QUESTIONWORD", proposed_name="")}, shares_address="on")

    told = str(list(Event.objects.values()))

    for word in ("MESSAGEWORD", "QUESTIONWORD", "Aigul", "aigul@", "canary", "Canary"):
        assert word not in told
    assert Event.objects.get(what="answered").by == mail_of("contact").key


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "scheduled", "period": ""},
        {"kind": "reply", "author": "contact"},
        {"kind": "noted", "author": "focal_point"},
    ],
)
def test_database_refuses_an_answer_that_contradicts_itself(client, catalogue, values):
    referral = confirmed(client, "1103").referrals.get()

    with pytest.raises(IntegrityError):
        referral.answers.create(**{"author": "contact", "submission": "9d2a7a52-9f25-4bb5-8a3b-bd0d1a8a9e01"} | values)


@pytest.mark.parametrize(
    "values",
    [{"status": "withdrawn"}, {"is_live": False}, {"email": None}, {"is_live": False, "email": None, "status": "noted"}],
)
def test_database_refuses_a_status_that_contradicts_the_rest(client, catalogue, values):
    confirmed(client, "1103")

    with pytest.raises(IntegrityError, match="referral_is_unasked_or_live_or_withdrawn"):
        Referral.objects.update(**values)
