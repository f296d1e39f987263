"""Is it alive, and can it serve? For supervisors, load balancers and people; says nothing that helps an attacker."""

from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

WAIT = 2  # seconds that a check waits for a server


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when database, broker and migrations are all there; else 503 with the names of what is not."""
    found = {name: _holds(check) for name, check in CHECKS.items()}
    good = all(found.values())
    body = {
        "status": "ready" if good else "not ready",
        **{name: "ok" if ok else "failed" for name, ok in found.items()},
    }
    return JsonResponse(body, status=200 if good else 503)


class HealthMiddleware:
    """Answers `/healthz` and `/readyz` before anything else: a load balancer asks by address, not by host name or HTTPS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = {"/healthz": alive, "/readyz": ready}.get(request.path_info)
        return view(request) if view else self.get_response(request)


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def broker() -> bool:
    from redis import Redis

    with Redis.from_url(
        settings.CELERY_BROKER_URL, socket_timeout=WAIT, socket_connect_timeout=WAIT
    ) as client:
        return bool(client.ping())


_migrated = False


def migrations() -> bool:
    """Whether every migration of this code has been applied. Once true it stays so for the life of the process."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


CHECKS: dict[str, Callable[[], bool]] = {"database": database, "broker": broker, "migrations": migrations}


def _holds(check: Callable[[], bool]) -> bool:
    # Whatever a check stumbles over, the answer is that it does not hold.
    try:
        return check()
    except Exception:
        return False
