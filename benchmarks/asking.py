"""Pages asked for as a browser does, by who is signed in, and what each costs the database."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.watching import Reading, watched


class Bench:
    """A browser of this member; what did not reach its goal, and the slowest statement of each page."""

    def __init__(self, community: Any, member: Any) -> None:
        from django.conf import settings
        from django.test import Client

        settings.ALLOWED_HOSTS = ["*"]
        settings.API_RATE_LIMITS = dict.fromkeys(settings.API_RATE_LIMITS)
        self.community, self.member = community, member
        self.client = Client()
        self.client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
        self.root = f"/c/{community.slug}/"
        self.api = f"/api/v1/communities/{community.slug}/"
        self.wrong: list[str] = []
        self.plans: list[str] = []

    def get(self, path: str, **query: Any) -> Any:
        address = f"{path}?{urlencode(query)}" if query else path
        response = self.client.get(address, secure=True)
        assert response.status_code == 200, (address, response.status_code)
        return response

    def page(self, name: str, path: str, **query: Any) -> None:
        self.tell(watched(name, lambda: self.get(path, **query)))

    def tell(self, reading: Reading) -> None:
        print(reading.line(), flush=True)
        self.plans.append(f"{reading.name}:\n{reading.plan}")
        if not reading.fits:
            self.wrong.append(reading.name)

    def run(self, parts: dict[str, Callable[[Any], None]], chosen: list[str]) -> None:
        """The chosen parts, or all; then the plans, and what was missed."""
        for name in chosen or parts:
            print(f"\n{name}\n")
            parts[name](self)
        print("\nThe slowest statement of each:\n\n" + "\n\n".join(self.plans))
        missed = ", ".join(self.wrong)
        print(f"\nNow {machine()}. " + (f"Missed: {missed}." if missed else "All goals were reached."))


def machine() -> str:
    """How much else the machine does, and how long a fixed work takes in its database meanwhile."""
    from django.db import connection

    load = Path("/proc/loadavg").read_text().split()[0]
    with connection.cursor() as cursor:
        started = time.perf_counter()
        cursor.execute("SELECT count(*) FROM generate_series(1, 1000000)")
    return f"load {load}, a million numbers counted in {(time.perf_counter() - started) * 1000:.0f} ms"
