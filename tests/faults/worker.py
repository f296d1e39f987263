"""A worker that is killed outright at a named point, once for each time it is asked to be: a file of that name lies in
`FAULTS_FOLDER`. Everything here is put around the product from outside; the product has no such switch."""

import os
import secrets
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from celery.signals import worker_process_init

from crowdecon.celery import app

__all__ = ["app"]

FOLDER = Path(os.environ["FAULTS_FOLDER"])


def die_at(point: str) -> None:
    try:
        (FOLDER / point).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def killed(before: str, after: str, of: Any, name: str) -> None:
    """Put the two points, "" for none, around an act."""
    act: Callable[..., Any] = getattr(of, name)

    def around(*given: Any, **named: Any) -> Any:
        die_at(before or "none")
        done = act(*given, **named)
        die_at(after or "none")
        return done

    setattr(of, name, around)


@worker_process_init.connect
def _put_points(**_: object) -> None:
    from commerce.models import PaymentAttempt
    from commerce.providers.base import ProviderPayment
    from commerce.providers.sandbox import Sandbox
    from commerce.services import attempts, inbox, invoices, outcomes

    killed("written", "", attempts, "ask_to_charge")
    killed("called", "acted", Sandbox, "charge_off_session")
    killed("posting", "", invoices, "settle")
    killed("", "applied", outcomes, "apply")
    killed("", "told", inbox, "_act")
    if os.environ.get("FAULTS_KEYLESS"):
        PaymentAttempt.idem = property(lambda _attempt: secrets.token_hex(8))  # type: ignore[assignment]
        attempts.asked = lambda attempt: ProviderPayment.absent(attempt.reference)
