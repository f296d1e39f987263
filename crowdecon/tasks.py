from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

HEARTBEAT = "heartbeat"


@shared_task(name="crowdecon.heartbeat")
def heartbeat() -> None:
    """Leave the time: scheduler, broker and a worker were all there. `manage.py doctor` reads it."""
    cache.set(HEARTBEAT, timezone.now().isoformat(), timeout=24 * 3600)
