"""Where payers come back to who were sent to be named by a provider's application: one address for everything that is paid.

What they were sent for is kept in their own session, under a word that nobody can guess: good once, and for some minutes. A
word of another browser's, or none, begins nothing.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from commerce.models import ProviderAccount
from commerce.providers.base import Surface
from commerce.selectors import paying
from commerce.services import payers
from kernel.clock import now
from kernel.errors import Refused
from members.actors import Actor

KEPT = "asked_who_pays"
GOOD_FOR = timedelta(minutes=10)
#: How many are kept: whoever chooses again and again means the last.
MOST = 5


def sent(request: HttpRequest, *, pay_token: str, account: ProviderAccount, surface: Surface) -> str:
    """Where the browser goes to be named. Raises `Refused` as `payers.ask` does."""
    state = secrets.token_hex(24)
    address = payers.ask(account=account, state=state)
    kept = request.session.get(KEPT, {})
    asked = {"pay": pay_token, "account": account.key.hex, "surface": surface.value, "at": now().isoformat()}
    request.session[KEPT] = dict([*kept.items(), (state, asked)][-MOST:])
    return address


class Back(View):
    """What was chosen is opened in their name, and the payment's own page goes on with it."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = _taken(request, now())
        bill = paying.by_token(asked["pay"]) if asked else None
        if asked is None or bill is None:
            answer = render(request, "commerce/pay/lost.html", status=404)
        else:
            answer = redirect("commerce:pay", asked["pay"])
            self._begin(request, bill, asked)
        # The code is in this address.
        answer["Cache-Control"], answer["Referrer-Policy"] = "no-store", "strict-origin"
        answer["X-Robots-Tag"] = "noindex"
        return answer

    def _begin(self, request: HttpRequest, bill: paying.Bill, asked: dict[str, Any]) -> None:
        accounts = ProviderAccount.objects.select_related("community")
        try:
            payers.begin(
                invoice=bill.invoice,
                account=accounts.get(key=UUID(asked["account"])),
                surface=Surface(asked["surface"]),
                code=request.GET.get("code", "")[:512],
                return_url=request.build_absolute_uri(reverse("commerce:paid", args=[asked["pay"]])),
                client_ip=request.META.get("REMOTE_ADDR", ""),
                own=bill.is_of(request.user),
                at=now(),
                by=Actor(words=_("Pay link"), address=request.META.get("REMOTE_ADDR") or None),
            )
        except Refused as refusal:
            messages.error(request, str(refusal))


def _taken(request: HttpRequest, at: datetime) -> dict[str, Any] | None:
    """What this browser was sent for, once: whoever comes a second time with it, even at the same moment, finds nothing."""
    kept = request.session.get(KEPT, {})
    state = request.GET.get("state", "")
    asked = kept.pop(state, None)
    if asked is None:
        return None
    request.session[KEPT] = kept
    request.session.save()
    if not cache.add(f"who-pays:{state}", 1, timeout=GOOD_FOR.total_seconds()):
        return None
    return asked if at - datetime.fromisoformat(asked["at"]) < GOOD_FOR else None
