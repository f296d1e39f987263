"""Signing in as a person would: through the pages, with real mail in a real file box."""

import email
import email.policy
import re
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client

from members.services import accounts

PASSWORD = "seven blue kettles"


@pytest.fixture(autouse=True)
def _fresh_limits():
    """Limits are counted in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def box(mailbox_dir: Path):
    """Reads the file box: every letter so far, oldest first, as (to, subject, text, html)."""

    def letters() -> list[tuple[str, str, str, str]]:
        found = []
        for path in sorted(mailbox_dir.glob("*.eml")):
            letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            text, page = (letter.get_body((kind,)).get_content() for kind in ("plain", "html"))
            found.append((letter["To"], letter["Subject"], text, page))
        return found

    return letters


@pytest.fixture
def ada(db):
    user, _new = accounts.obtain(email="ada@example.org", password=PASSWORD, name="Ada")
    return user


def code_in(text: str) -> str:
    """The six digits that stand alone on a line of a letter."""
    (code,) = re.findall(r"^(\d{6})$", text, re.MULTILINE)
    return code


def link_in(text: str) -> str:
    """The path of the one link in a letter."""
    (link,) = re.findall(r"^https?://testserver(/\S+)$", text, re.MULTILINE)
    return link


def sign_in(client: Client, address: str = "ada@example.org", password: str = PASSWORD, **more: str):
    return client.post("/accounts/login/", {"login": address, "password": password, **more})


def signed_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def confirming(client: Client, path: str, data: dict[str, str]):
    """The answer to a form that first asks whether it is still you: the form goes on by itself once that is said."""
    asked = client.post(path, data)
    assert asked.status_code == 302 and asked["Location"].startswith("/accounts/reauthenticate/")
    return client.post(asked["Location"], {"password": PASSWORD, "next": path})
