"""A passkey, made and used with an authenticator of the browser's own, under the strict content policy."""

from allauth.mfa.models import Authenticator
from django.core.cache import cache

from members.services import accounts

PASSWORD = "seven blue kettles"
TOUCH = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_it_opens_the_account_without_a_password(visit):
    cache.clear()
    user, _new = accounts.obtain(email="ada@example.org", password=PASSWORD, name="Ada")
    ada = visit()
    device = ada.context.new_cdp_session(ada.page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": TOUCH})

    ada.open("/accounts/login/?next=/accounts/2fa/webauthn/add/")
    ada.page.fill("[name=login]", user.email)
    ada.page.fill("[name=password]", PASSWORD)
    ada.page.click("main form.form button")
    ada.page.fill("[name=password]", PASSWORD)  # Is it still you?
    ada.page.click("main form.form button")
    ada.page.click("#passkey_add")
    ada.page.wait_for_url("**/accounts/2fa/recovery-codes/")
    ada.open("/accounts/logout/")
    ada.page.click("main form button")
    ada.page.wait_for_url(f"{ada.address}/")

    ada.open("/accounts/login/?next=/me/")
    ada.page.click("#passkey_sign_in")
    ada.page.wait_for_url(f"{ada.address}/me/")
    assert ada.heading() == "Ada"
    kinds = Authenticator.objects.filter(user=user).values_list("type", flat=True).order_by("type")
    assert list(kinds) == ["recovery_codes", "webauthn"]
