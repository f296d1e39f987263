"""Paying: the ways there are for an invoice, and tries to have it paid."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.api import asking, invoices
from commerce.api.attempt_shapes import AttemptShape, NewAttempt, WaysShape
from commerce.models import Invoice, PaymentAttempt, ProviderAccount
from commerce.providers import providers
from commerce.providers.base import Capability, Surface
from commerce.selectors import paying
from commerce.services import accounts, attempts
from kernel.api.operations import operation
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused

INVOICE = invoices.INVOICE
#: In how many seconds a provider that did not answer is worth another question.
AGAIN = 60


class Ways(ApiView):
    tag = "invoices"
    places = INVOICE

    @operation("list_ways_to_pay", "List the ways to pay an invoice", answers={200: WaysShape})
    def get(self, request: Request, invoice_key: UUID) -> Response:
        """The ways to pay that the community offers for this invoice, in its order; none for one that is not to be paid."""
        invoice = invoices.find(request, invoice_key)
        told = []
        for account in _ways(invoice):
            rail = providers.get(account.provider)
            told.append(
                {
                    "key": account.key,
                    "provider": account.provider,
                    "name": str(rail.label),
                    "surfaces": [one.value for one in Surface if one in rail.surfaces],
                    "saves_means": Capability.OFF_SESSION in rail.capabilities,
                }
            )
        return Response(WaysShape({"results": told}).data)


class Attempts(ApiView):
    tag = "invoices"
    places = INVOICE

    @operation(
        "begin_payment",
        "Begin to pay an invoice",
        answers={201: AttemptShape, 202: AttemptShape},
        body=NewAttempt,
        outside=True,
        example={"way": "c0a8012e-7d1f-4c0a-8c57-2f2c1b0f8a11", "surface": "phone"},
    )
    def post(self, request: Request, invoice_key: UUID) -> Response:
        """Open a way to pay: by the member whose invoice it is, by staff who manage money, or by a program. The one that is
        open on this way and surface is given again; one that is open elsewhere is closed first.

        202: the provider has not answered yet. Ask again with the same key in a minute: it is the same try.

        Refused with `not_open`, `not_offered`, `rail_refused`, or `being_paid` while another payment may be on its way."""
        invoice = invoices.find(request, invoice_key)
        by, given = asking.about(invoice.membership, request), self.read_body()
        page = request.build_absolute_uri(reverse("commerce:paid", args=[invoice.pay_token]))
        here = request.META.get("REMOTE_ADDR", "") if asking.person(request) else ""
        attempt = attempts.begin(
            invoice=invoice,
            account=_way(invoice, given["way"]),
            surface=Surface(given["surface"]),
            return_url=given.get("return_url", page),
            save_mandate=given.get("save_means", False),
            payer=given.get("payer", ""),
            client_ip=given.get("payer_ip", here),
            at=now(),
            by=by,
        )
        slug = asking.here(request).slug
        place = reverse("api:attempt", kwargs={"community_slug": slug, "attempt_key": attempt.key})
        headers: dict[str, Any] = {"Location": request.build_absolute_uri(place)}
        answered = bool(attempt.presentation) or not attempt.is_live
        if not answered:
            headers["Retry-After"] = AGAIN
        shape = AttemptShape(_find(request, attempt.key))
        return Response(shape.data, status=201 if answered else 202, headers=headers)


class OneAttempt(ApiView):
    tag = "invoices"
    places = {"attempt_key": "The try's key."}

    @operation(
        "read_attempt", "Read what has become of a try to pay", answers={200: AttemptShape}, tagged=True
    )
    def get(self, request: Request, attempt_key: UUID) -> Response:
        """One try, as far as the provider has told of it."""
        return self.one(AttemptShape(_find(request, attempt_key)))


class RefreshAttempt(ApiView):
    tag = "invoices"
    places = OneAttempt.places

    @operation(
        "refresh_attempt",
        "Ask the provider about a try to pay",
        answers={200: AttemptShape},
        outside=True,
    )
    def post(self, request: Request, attempt_key: UUID) -> Response:
        """Ask the provider now what has become of it: for when the payer comes back. What it says later is heard anyway."""
        attempt = _find(request, attempt_key)
        by = asking.about(attempt.invoice.membership, request)
        attempts.refresh(attempt, at=now(), by=by)
        return Response(AttemptShape(_find(request, attempt_key)).data)


def _find(request: Request, key: UUID) -> PaymentAttempt:
    rows = PaymentAttempt.objects.filter(invoice__community=asking.here(request).id)
    rows = rows.select_related("invoice__membership", "account")
    attempt = asking.shown(rows, request, "invoice__membership").filter(key=key).first()
    if attempt is None:
        raise Http404
    return attempt


def _ways(invoice: Invoice) -> list[ProviderAccount]:
    if invoice.status != Invoice.Status.OPEN:
        return []
    return paying.accounts_for(invoice, accounts.offered(invoice.community))


def _way(invoice: Invoice, key: UUID) -> ProviderAccount:
    account = next((one for one in accounts.offered(invoice.community) if one.key == key), None)
    if account is None:
        raise Refused(
            _("This way to pay is not offered any more: choose another one."), code="not_offered", field="way"
        )
    return account
