"""Calling the API as a program with a key does, and as a person in the browser does."""

import json
from typing import Any

from django.test import Client

from communities.models import Community
from communities.services import api_keys
from kernel.clock import now
from members.models import User
from tests.make import SITE


def secret(of: Community, *scopes: str) -> str:
    """The secret of a new key of the community; one that may read and write unless scopes are given."""
    _key, made = api_keys.mint(
        community=of, name="test", scopes=scopes or ("read", "write"), at=now(), by=SITE
    )
    return made


class Program:
    """A client with a key; addresses are given from the community on ("members/")."""

    def __init__(self, of: Community, *scopes: str, key: str = "") -> None:
        self.root = f"/api/v1/communities/{of.slug}/"
        self.key = key or secret(of, *scopes)
        self.client = Client(headers={"Authorization": f"Bearer {self.key}"})

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(self.root + path, headers=headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("post", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("patch", path, body, headers)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        content = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
        send = getattr(self.client, method)
        return send(self.root + path, content, content_type="application/json", headers=headers)


def browser(user: User) -> Client:
    """The browser of a signed-in person; it checks for forged requests as a real one is checked."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def where(response: Any) -> list[tuple[str, str]]:
    """The faults a problem names: (where, code)."""
    problem = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert problem["status"] == response.status_code
    return [
        (fault.get("pointer") or fault.get("parameter") or fault.get("header"), fault["code"])
        for fault in problem["errors"]
    ]
