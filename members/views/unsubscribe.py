"""The way out that every letter carries: one click, without signing in (RFC 8058)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from kernel import mails
from kernel.clock import now
from members.selectors import mail as letters_of
from members.services import letters, preferences


@method_decorator(csrf_exempt, name="dispatch")
class Unsubscribe(View):
    """GET asks, for links are opened by machines too; POST does it, whoever sends it: the address itself is the proof.

    A mail program posts `List-Unsubscribe=One-Click`; a person presses the button. `again` takes it back.
    """

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self._page(request, self._read(token), done="")

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        named = self._read(token)
        if "again" in request.POST:
            preferences.subscribe_again(named=named, at=now())
            return self._page(request, named, done="on")
        preferences.unsubscribe(named=named, at=now())
        return self._page(request, named, done="off")

    def _read(self, token: str) -> dict[str, Any]:
        named = letters.read_token(token)
        if named is None or not letters_of.is_reader(named):
            raise Http404
        return named

    def _page(self, request: HttpRequest, named: dict[str, Any], *, done: str) -> HttpResponse:
        kind = mails.get(named["k"]).label if named["k"] in mails.kinds else _("Letters of this kind")
        context = {"kind": kind, "sender": letters_of.sender(named), "done": done}
        answer = render(request, "members/unsubscribe.html", context)
        # Not in anybody's list of where they have been, and told to nobody else.
        answer["Referrer-Policy"] = "strict-origin"
        answer["Cache-Control"] = "private, no-store"
        answer["X-Robots-Tag"] = "noindex"
        return answer
