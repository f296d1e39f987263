"""A passkey, made and used in a real browser with an authenticator of its own, under the strict content policy."""

import os
import shutil
import threading

import pytest
from allauth.mfa.models import Authenticator

from tests.members.accounts.conftest import PASSWORD

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not CHROMIUM and os.environ.get("CI") != "true",
        reason="Chromium is not installed: passkeys need a browser.",
    ),
]

TOUCH = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def make_and_use(site: str, seen: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on(
            "console",
            lambda message: seen.append(message.text) if message.type in ("error", "warning") else None,
        )
        device = page.context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        device.send("WebAuthn.addVirtualAuthenticator", {"options": TOUCH})

        page.goto(f"{site}/accounts/login/?next=/accounts/2fa/webauthn/add/")
        page.fill("[name=login]", "ada@example.org")
        page.fill("[name=password]", PASSWORD)
        page.click("main form.form button")
        page.fill("[name=password]", PASSWORD)  # Is it still you?
        page.click("main form.form button")
        page.click("#passkey_add")
        page.wait_for_url("**/accounts/2fa/recovery-codes/")
        page.goto(f"{site}/accounts/logout/")
        page.click("main form button")
        page.wait_for_url(f"{site}/")

        page.goto(f"{site}/accounts/login/?next=/me/")
        page.click("#passkey_sign_in")
        page.wait_for_url(f"{site}/me/")
        seen.append(page.text_content("h1") or "")
        browser.close()


def test_it_opens_the_account_without_a_password(ada, live_server):
    seen: list[str] = []
    # In a thread of its own: the browser's loop and the database's connection do not share one.
    work = threading.Thread(target=make_and_use, args=(live_server.url, seen))
    work.start()
    work.join(timeout=90)
    assert seen == ["Ada"]
    assert list(Authenticator.objects.values_list("type", flat=True).order_by("type")) == [
        "recovery_codes",
        "webauthn",
    ]
