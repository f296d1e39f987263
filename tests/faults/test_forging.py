"""Scenario 7: what a provider did not send comes to its door by the thousand, and nothing is changed by it."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from commerce.models import ProviderEvent
from commerce.services import accounts, inbox
from tests.commerce import paying
from tests.commerce.dues import SITE
from tests.commerce.providers.forging import forged
from tests.contracts.test_providers import CASES, NOW, SENDING
from tests.faults.sizes import times
from tests.sampled import one_in, sample

#: How many seconds the clock here may not be from the message's.
TOO_FAR = (302, -302, 90_000, -90_000)


def books():
    """What stands in every table of money, as one text."""
    tables = [model._meta.db_table for model in apps.get_app_config("commerce").get_models()]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}', md5(string_agg(row::text, '|' ORDER BY row::text)) FROM {table} row"
                for table in tables
            )
        )
        return cursor.fetchall()


def post(account, headers, body):
    http = {f"HTTP_{name.replace('-', '_').upper()}": value for name, value in headers.items()}
    path = f"/hooks/{account.provider}/{account.key}/"
    door = Client(enforce_csrf_checks=True, raise_request_exception=False)
    return door.post(path, data=body, content_type="application/json", **http).status_code


@pytest.fixture
def at(monkeypatch):
    """Says what time it is at the door."""
    return lambda moment: monkeypatch.setattr("commerce.views.hooks.now", lambda: moment)


def connected(community, key, **changes):
    return accounts.connect(
        community=community, provider=key, keys={**CASES[key].keys(), **changes}, at=NOW, by=SITE
    )


@pytest.mark.django_db
@pytest.mark.parametrize("key", sample(SENDING, one_in(2)))
def test_7_what_was_not_sent_by_the_provider_changes_nothing(key, at):
    headers, body = CASES[key].message()
    account = connected(paying.community(), key)
    stranger = connected(paying.community(), key, **CASES[key].foreign)
    at(NOW)
    assert post(account, headers, body) == 200
    inbox.handle_due(at=NOW, by=SITE)
    before, genuine = books(), accounts.adapter(account).parse_webhook(headers, body, NOW)

    many = times(60, 1_900)
    for head, forgery in forged(headers, body, number=many):
        status = post(account, head, forgery)
        # The genuine word, written otherwise, is one that is known already.
        if not 400 <= status < 500:
            assert (status, accounts.adapter(account).parse_webhook(head, forgery, NOW)) == (200, genuine)
    for n in range(times(4, 50)):
        at(NOW + timedelta(seconds=TOO_FAR[n % 4]))
        assert post(account, headers, body) == 401
    at(NOW)
    for _n in range(times(4, 50)):
        assert post(stranger, headers, body) == 401
    assert books() == before
    assert ProviderEvent.objects.count() == len(genuine)
