"""A person's own page, across all communities."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from kernel import slots
from kernel.doors import SignedIn
from members.forms.me import BROWSER, MeForm
from members.models import User
from members.selectors import security
from members.services import accounts, sessions


def person(request: HttpRequest) -> User:
    """Who has signed in; for pages behind `SignedIn`."""
    assert isinstance(request.user, User)
    return request.user


class Me(SignedIn, FormView):
    """What is theirs, what they are called, and how their account is guarded."""

    template_name = "members/me/me.html"
    form_class = MeForm

    def get_initial(self) -> dict[str, Any]:
        return {"name": person(self.request).name, "language": person(self.request).language or BROWSER}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            parts=slots.render("me.main", self.request, person(self.request)),
            guard=security.of(person(self.request)),
            **kwargs,
        )

    def form_valid(self, form: MeForm) -> HttpResponse:
        accounts.update_profile(user=person(self.request), **form.cleaned_data)
        language = form.cleaned_data["language"]
        with translation.override(language or translation.get_language()):
            messages.success(self.request, _("Saved."))
        response = redirect("members:me")
        if language:
            # As the switch in the page's head does, so that the two never disagree.
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                language,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                path=settings.LANGUAGE_COOKIE_PATH,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
                samesite=settings.LANGUAGE_COOKIE_SAMESITE,
            )
        else:
            response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, path=settings.LANGUAGE_COOKIE_PATH)
        return response


class EndSession(SignedIn, View):
    """Sign out one other browser."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, session_id: int) -> HttpResponse:
        if not sessions.end(user=person(request), session_id=session_id, keep=request.session.session_key):
            raise Http404
        messages.success(request, _("That browser is signed out."))
        return redirect("usersessions_list")
