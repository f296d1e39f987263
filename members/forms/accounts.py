"""The forms of signing in and up. What they do is allauth's; the words and the calm are ours."""

from typing import Any

from allauth.account import forms as account
from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from members.models import User
from members.services import accounts

ADDRESS = _("E-mail address")
PASSWORD_HELP = _(
    "At least 10 characters. Three or four words that you can remember are better than one that is hard."
)


def speak(form: forms.Form, **labels: Any) -> None:
    """Give the fields our labels, without the placeholders that say the same again."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        if name in labels:
            field.label = labels[name]


class SignIn(account.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak(self, login=ADDRESS, password=_("Password"))
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = ""


class SignUp(account.SignupForm):
    """Address and password; the name may wait until a community asks for it."""

    field_order = ["name", "email", "password1"]

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("What people will call you. You can change it later."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak(self, email=ADDRESS, password1=_("Password"))
        self.fields["password1"].help_text = PASSWORD_HELP
        self.fields["password1"].widget.attrs["minlength"] = 10

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        name, language = self.cleaned_data["name"], get_language() or ""
        kept = accounts.update_profile(user=user, name=name, language=language)
        # allauth goes on with its own copy and saves it.
        user.name, user.language = kept.name, kept.language


class ConfirmAddress(account.ConfirmEmailVerificationCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak(self, code=_("The code from the e-mail"))
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autofocus": True, "maxlength": 12}


class ChangeAddress(account.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak(self, email=_("New e-mail address"))


class ChangePassword(account.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak(self, oldpassword=_("Your password now"), password1=_("New password"))
        del self.fields["password2"]
        self.fields["oldpassword"].help_text = ""
        self.fields["password1"].help_text = PASSWORD_HELP


class SetPassword(account.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak(self, password1=_("Password"))
        del self.fields["password2"]
        self.fields["password1"].help_text = PASSWORD_HELP


class ForgotPassword(account.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak(self, email=ADDRESS)


class NewPassword(account.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak(self, password1=_("New password"))
        del self.fields["password2"]
        self.fields["password1"].help_text = PASSWORD_HELP


class ConfirmPassword(account.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak(self, password=_("Password"))
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs["autofocus"] = True
