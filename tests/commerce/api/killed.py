"""Asks once by the API in a process of its own, which is killed after the provider has acted and before anything is
answered: `python -m tests.commerce.api.killed DATABASE KEY SLUG INVOICE WAY IDEMPOTENCY-KEY`."""

import os
import signal
import sys

import django
from django.conf import settings


def main(database: str, secret: str, slug: str, invoice: str, way: str, key: str) -> None:
    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from django.test import Client

    from commerce.services import outcomes

    def die(*_given: object, **_named: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    outcomes.presented = die
    Client().post(
        f"/api/v1/communities/{slug}/invoices/{invoice}/attempts/",
        {"way": way, "surface": "desk"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": key, "Host": "127.0.0.1"},
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
