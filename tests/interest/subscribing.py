"""A subscriber who follows the links in the mails."""

import re
from datetime import timedelta

from django.db import connection
from django.db.models import F
from django.urls import reverse

from coalition.mail.models import OutgoingEmail
from initiatives import changes
from interest.models import Subscriber, Subscription

ADDRESS = "dana@health.example"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def ask(client, query="", email=ADDRESS, frequency="daily"):
    return client.post(f"{reverse('interest:subscribe')}?{query}", {"email": email, "frequency": frequency})


def path_in(email, purpose):
    """The path of the one link of this purpose in a mail."""
    [path] = re.findall(rf"http://testserver(/interest/{purpose}/\S+)", email.text)
    return path


def confirmation(query=""):
    subscription = Subscription.objects.get(query=query)
    email = OutgoingEmail.objects.get(kind="subscribe", key__contains=subscription.reference)
    return path_in(email, "confirm")


def subscribed(client, query="", **values):
    """A subscription whose link was opened and whose button was pressed, with all that changed so far."""
    changes.record()
    ask(client, query, **values)
    client.post(confirmation(query))
    return Subscription.objects.get(query=query)


def sleep(days=1):
    """As if all that subscribers know had been told so many days earlier."""
    Subscription.objects.update(looked_on=F("looked_on") - timedelta(days=days))
    Subscriber.objects.update(digested_on=F("digested_on") - timedelta(days=days))


def digests():
    return list(OutgoingEmail.objects.filter(kind="digest").order_by("pk"))


def unsubscribe_path(email):
    return email.unsubscribe_link.removeprefix("http://testserver")


def everything():
    """Every row about subscriptions and mails, as text."""
    with connection.cursor() as cursor:
        rows = []
        for model in (Subscriber, Subscription, OutgoingEmail):
            cursor.execute(f"SELECT coalesce(string_agg(r::text, chr(10) ORDER BY id), '') FROM \"{model._meta.db_table}\" AS r")
            rows.append(cursor.fetchone()[0])
    return rows
