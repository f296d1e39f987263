"""The forms of the second step of signing in: codes of an app, recovery codes, passkeys."""

from typing import Any

from allauth.mfa.base import forms as codes
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.utils.translation import gettext_lazy as _

from members.forms.accounts import speak

CODE = _("Code from your app, or a recovery code")
DIGITS = {"inputmode": "numeric", "autofocus": True, "maxlength": 16}


class EnterCode(codes.AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak(self, code=CODE)
        self.fields["code"].widget.attrs |= DIGITS


class ConfirmByCode(codes.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak(self, code=CODE)
        self.fields["code"].widget.attrs |= DIGITS


class ConnectApp(totp.ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak(self, code=_("The six digits that the app shows now"))
        self.fields["code"].widget.attrs |= DIGITS


class AddPasskey(webauthn.AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak(self, name=_("Name of this passkey"), passwordless=_("Sign in with it alone"))
        self.fields["name"].help_text = _("So that you can tell it from others, such as “my phone”.")
        self.fields["passwordless"].help_text = _(
            "Instead of the password. Without this it is a second step after the password."
        )
        self.fields["passwordless"].initial = True


class RenamePasskey(webauthn.EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak(self, name=_("Name of this passkey"))
        self.fields["name"].max_length = 100
