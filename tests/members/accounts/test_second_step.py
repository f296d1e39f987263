"""Codes from an app, recovery codes, and the form that asks again who one is."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client

from tests.members.accounts.conftest import PASSWORD, sign_in, signed_in


def digits(secret: str, steps: int = 0) -> str:
    """What an app shows for this key, now or some steps of 30 seconds away."""
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture
def secret(client, ada) -> str:
    """The key of an app that Ada has connected; she is signed out again."""
    sign_in(client)
    asked = client.get("/accounts/2fa/totp/activate/")
    assert asked["Location"] == "/accounts/reauthenticate/?next=%2Faccounts%2F2fa%2Ftotp%2Factivate%2F"
    page = client.post(
        asked["Location"], {"password": PASSWORD, "next": "/accounts/2fa/totp/activate/"}, follow=True
    )
    key = page.context["form"].secret
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    answer = client.post("/accounts/2fa/totp/activate/", {"code": digits(key)})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/recovery-codes/")
    client.post("/accounts/logout/")
    return key


def test_a_wrong_code_connects_no_app(client, ada):
    sign_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get("/accounts/2fa/totp/activate/")
    answer = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert answer.status_code == 200
    assert not Authenticator.objects.exists()


def test_the_password_alone_no_longer_opens_the_account(client, secret):
    answer = sign_in(client, next="/me/?kept=1")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/authenticate/")
    assert not signed_in(client)
    answer = client.post("/accounts/2fa/authenticate/", {"code": digits(secret, 1)})
    assert (answer.status_code, answer["Location"]) == (302, "/me/?kept=1")
    assert signed_in(client)


def test_a_code_from_long_ago_is_refused(client, secret):
    sign_in(client)
    answer = client.post("/accounts/2fa/authenticate/", {"code": digits(secret, -3)})
    assert answer.context["form"].errors == {"code": ["That is not the code. Look at it once more."]}
    assert not signed_in(client)


def test_a_recovery_code_opens_it_once(client, secret):
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert len(codes) == 10
    for browser, opens in ((client, True), (Client(), False)):
        sign_in(browser)
        browser.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert signed_in(browser) is opens


def test_switching_it_off_asks_who_one_is(client, secret, box):
    sign_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": digits(secret, 1)})
    asked = client.post("/accounts/2fa/totp/deactivate/")
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert Authenticator.objects.filter(type="totp").exists()
    client.post(asked["Location"], {"password": PASSWORD, "next": "/accounts/2fa/totp/deactivate/"})
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(type="totp").exists()
    assert [subject for _to, subject, *_ in box()][-1] == "Codes from an app are off"


PAGES = [
    "/accounts/2fa/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/reauthenticate/",
    "/accounts/sessions/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/me/",
]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_is_in_our_shell_and_holds_no_script_or_style_of_its_own(client, secret, language):
    client.cookies["django_language"] = language
    sign_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": digits(secret, 1)})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for path in [*PAGES, "/accounts/2fa/webauthn/add/", "/accounts/2fa/recovery-codes/generate/"]:
        answer = client.get(path)
        page = answer.content.decode()
        assert answer.status_code == 200, path
        assert page.count("<h1") == 1, path
        assert "layouts/account.html" in [template.name for template in answer.templates], path
        assert " style=" not in page and "<style" not in page and " onclick=" not in page, path
        inline = [
            part.split(">")[0] for part in page.split("<script")[1:] if " src=" not in part.split(">")[0]
        ]
        assert all('type="application/json"' in tag for tag in inline), (path, inline)
