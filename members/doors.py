"""A door that asks once more who is there."""

import time
from typing import Any
from urllib.parse import urlencode

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _


def recently_proven(request: HttpRequest) -> bool:
    """Whether the person signed in, or confirmed that it is them, in the last `REAUTHENTICATION_TIMEOUT` seconds."""
    records = get_authentication_records(request, request.user)
    latest = max((record["at"] for record in records), default=0.0)
    return time.time() - latest < app_settings.REAUTHENTICATION_TIMEOUT


def prove_first(request: HttpRequest, back: str) -> HttpResponse:
    """Lead a person to confirm that it is them, and then to the form at `back`, to send it once more."""
    methods = get_adapter(request).get_reauthentication_methods(request.user)
    where = methods[0]["url"] if methods else "/accounts/login/"
    messages.info(request, _("Confirm that it is you; then send the form once more."))
    return redirect(f"{where}?{urlencode({'next': back})}")


class StepUp:
    """For form pages whose POST gives something away for good: keys, money, erasure.

    A POST by somebody who has not proven lately who they are changes nothing: they confirm it, come back to
    the form as they had filled it in, and send it again. Put it after the doors that decide who may enter.
    """

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not recently_proven(request):
            return self.ask_again(request)
        return super().post(request, *args, **kwargs)  # type: ignore[misc]

    def ask_again(self, request: HttpRequest) -> HttpResponse:
        filled = [
            (name, value)
            for name in self.form_class.base_fields  # type: ignore[attr-defined]
            for value in request.POST.getlist(name)
        ]
        back = f"{request.path}?{urlencode(filled)}" if filled else request.path
        return prove_first(request, back)

    def get_initial(self) -> dict[str, Any]:
        """What was filled in before the question."""
        initial = super().get_initial()  # type: ignore[misc]
        asked = self.request.GET  # type: ignore[attr-defined]
        for name, field in self.form_class.base_fields.items():  # type: ignore[attr-defined]
            if name in asked:
                several = getattr(field.widget, "allow_multiple_selected", False)
                initial[name] = asked.getlist(name) if several else asked[name]
        return initial
