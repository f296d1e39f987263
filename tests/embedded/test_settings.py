"""Production settings start with everything given and with nothing of embedded mode."""

import os
import subprocess
import sys

import pytest

from tests.services import ROOT

GIVEN = {
    "SECRET_KEY": "k" * 60,
    "MONEY_KEYS": "k" * 43 + "=",
    "ALLOWED_HOSTS": "community.example",
    "DATABASE_URL": "postgresql://web:pw@db.example/crowdecon",
    "REDIS_URL": "rediss://redis.example",
    "EMAIL_URL": "smtps://mail.example",
    "DEFAULT_FROM_EMAIL": "no-reply@community.example",
}
PRINT = "from django.conf import settings as s; print(s.EMBEDDED, s.DEBUG, s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE)"


def production(values: dict[str, str], script: str = PRINT) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "crowdecon.settings.production", **values}
    return subprocess.run([sys.executable, "-c", script], env=env, cwd=ROOT, capture_output=True, text=True)


def test_starts_with_everything_given():
    assert production(GIVEN).stdout == "False False True True\n"


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_says_which_variable_is_missing(name):
    done = production({key: value for key, value in GIVEN.items() if key != name})
    assert done.returncode == 1
    assert f"ImproperlyConfigured: {name} is not set." in done.stderr


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name"),
        ({"EMBEDDED": "yes"}, "EMBEDDED is a thing of embedded mode"),
        ({"DEBUG": "1"}, "DEBUG is a thing of embedded mode"),
        ({"DEMO": "on"}, "DEMO is a thing of embedded mode"),
        ({"SANDBOX_URL": "http://sandbox:9000"}, "SANDBOX_URL is for trials"),
    ],
)
def test_refuses_what_does_not_belong_there(values, words):
    assert f"ImproperlyConfigured: {words}" in production(GIVEN | values).stderr


def test_mailbox_is_no_address_there():
    script = (
        "import django; django.setup()\nfrom django.urls import Resolver404, resolve\n"
        "try: resolve('/mailbox/')\nexcept Resolver404: print('none')"
    )
    done = production(GIVEN, script)
    assert done.stdout == "none\n", done.stderr
