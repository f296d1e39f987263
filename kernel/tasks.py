"""Handing work to the workers.

A message is a nudge, never the only trace of work: what is to be done stands in a row first, and a sweep finds rows
whose message was lost. So nobody waits for a broker that is away or does not answer, and nothing fails for it.
"""

import logging
import time

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

#: Seconds in which a broker that did not answer is not asked again.
PAUSE = 15.0

_away_until = 0.0


def send(task: str, **arguments: object) -> None:
    """Hand a task to the workers once the open transaction is committed; at once where there is none."""
    transaction.on_commit(lambda: _publish(task, arguments), robust=True)


def _publish(task: str, arguments: dict[str, object]) -> None:
    global _away_until
    if time.monotonic() < _away_until:
        return
    try:
        # One attempt, each step of it bounded by the socket's time-outs: a second one belongs to the sweep.
        current_app.send_task(task, kwargs=arguments, retry=False, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        _away_until = time.monotonic() + PAUSE
        log.warning("The broker does not answer (%s); %s waits for its sweep.", type(error).__name__, task)
