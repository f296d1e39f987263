"""Where allauth meets the product: the words of its refusals and the letters it sends."""

import re
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members import devices, invited
from members.models import User

MANY_EMPTY_LINES = re.compile(r"\n\s*\n\s*")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account has been closed."),
        "duplicate_email": _("This is your address already."),
        "email_password_mismatch": _("The address and the password do not fit together."),
        "email_taken": _("This address cannot be used. Try another one."),
        "enter_current_password": _("That is not your password."),
        "incorrect_code": _("That is not the code. Look at it once more."),
        "incorrect_password": _("That is not your password."),
        "rate_limited": _("That was often in a short time. Wait a moment and try again."),
        "too_many_login_attempts": _("Too many tries. Wait a few minutes and begin again."),
    }

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """A new person, credited at once to the invitation that brought them: they may go on elsewhere."""
        user = super().save_user(request, user, form, commit)
        if commit:
            invited.credit(request, user)
        return user

    def post_login(self, request: HttpRequest, user: Any, **details: Any) -> HttpResponse:
        invited.credit(request, user)
        response: HttpResponse = super().post_login(request, user, **details)
        return response

    def is_safe_url(self, url: str | None) -> bool:
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            # What cannot even be read is no address of ours.
            return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("members:me")

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMultiAlternatives:
        """One letter, as text and as HTML from the same template, in the language its reader has chosen."""
        to = [email] if isinstance(email, str) else email
        request = allauth_context.request
        with translation.override(_language_of(to[0]) or translation.get_language()):
            subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", context).split())
            text, page = (
                render_to_string(f"{template_prefix}_message.txt", context | {"letter": letter}, request)
                for letter in ("account/email/letter.txt", "account/email/letter.html")
            )
        plain = MANY_EMPTY_LINES.sub("\n\n", text).strip() + "\n"
        subject = self.format_email_subject(subject)
        message = EmailMultiAlternatives(subject, plain, self.get_from_email(), to, headers=headers)
        message.attach_alternative(page, "text/html")
        return message


class SecondStepAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That is not the code. Look at it once more."),
        "unverified_email": _("Confirm your e-mail address first."),
    }

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """Offered as a passkey's name: the device it is made on, as far as it tells."""
        device = devices.of(allauth_context.request.META.get("HTTP_USER_AGENT", ""))
        return device.system or gettext("Passkey")


def _language_of(email: str) -> str:
    """The language of the account with this verified address; empty when it has none."""
    known = EmailAddress.objects.filter(email__iexact=email, verified=True).select_related("user").first()
    return known.user.language if known else ""
