"""Payments at the desk: what came, one by one with all that came of it, and sending it back."""

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from commerce import received
from commerce.models import Dispute, Payment, Refund
from commerce.payment_forms import RefundForm, WantedForm
from commerce.selectors import stuck
from commerce.services import payments, refunds
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.money import Money
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.doors import StepUp

#: Payments on a page, and of each kind of what nobody finished.
PAGE, SHOWN = 50, 20


class Payments(Desk, View):
    """The latest first."""

    permission = "money.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        community = request.community
        form = WantedForm(request.GET, community=community)
        wanted = form.wanted()
        found = received.received(community=community, wanted=wanted)
        page = Paginator(found, PAGE).get_page(request.GET.get("page"))
        rows = [(payment, received.way_of(payment)) for payment in page]
        context = {"form": form, "page_obj": page, "rows": rows, "narrowed": wanted != received.Wanted()}
        if request.membership.may(payments.MANAGE):
            context |= _stuck(community.id)
        part = request.htmx and not request.htmx.boosted
        return render(
            request, "commerce/desk/_payments.html" if part else "commerce/desk/payments.html", context
        )


class OfPayment(Desk):
    """The door to one payment."""

    kwargs: dict[str, Any]

    @cached_property
    def payment(self) -> Payment:
        found = received.one(community_id=self.request.community.id, key=self.kwargs["payment_key"])
        if found is None:
            raise Http404
        return found

    def back(self) -> HttpResponse:
        return redirect("commerce:payment", self.request.community.slug, self.payment.key)


class OnePayment(OfPayment, View):
    permission = "money.view"

    def get(self, request: TenantRequest, payment_key: Any) -> HttpResponse:
        payment = self.payment
        sent, disputed = received.refunds_of(payment), received.disputes_of(payment)
        acts = request.membership.may(payments.MANAGE)
        held = any(one.state != Dispute.State.WON for one in disputed)
        context = {
            "payment": payment,
            "way": received.way_of(payment),
            "refunds": sent,
            "disputes": disputed,
            "books": received.books_of(payment, sent, disputed),
            "steps": received.steps_of(payment, sent, disputed),
            "left": _left(payment),
            "fee": None if payment.fee is None else Money(payment.fee, payment.currency),
            "disputed": held,
            "may_refund": acts and not held and refunds.can_be_asked(payment),
            "may_take_back": acts and payments.can_be_taken_back(payment),
        }
        return render(request, "commerce/desk/payment.html", context)


class RefundPayment(OfPayment, StepUp, FormView):
    """Send it back: first what will happen is shown, then it is done."""

    permission = payments.MANAGE
    template_name = "commerce/desk/refund.html"
    form_class = RefundForm

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        # What is not there is not there, for whoever has still to prove who they are too.
        _there = self.payment
        return cast(HttpResponse, super().post(request, *args, **kwargs))

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"payment": self.payment, "left": _left(self.payment)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        payment = self.payment
        plan = payment.invoice.subscription if payment.invoice else None
        return super().get_context_data(payment=payment, left=_left(payment), subscription=plan, **kwargs)

    def form_valid(self, form: RefundForm) -> HttpResponse:
        by = Actor.of_request(self.request)
        try:
            if self.request.POST.get("agreed") != "yes":
                shown = refunds.preview(**form.asked(), by=by)
                then = dict(form.fields["then"].choices)[form.cleaned_data["then"]]  # type: ignore[attr-defined]
                return self.render_to_response(self.get_context_data(form=form, shown=shown, then=then))
            made = refunds.refund(**form.asked(), at=now(), by=by)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        said = {
            Refund.State.SUCCEEDED: _("It is sent back."),
            Refund.State.FAILED: _("The provider refused it: nothing was sent."),
        }
        words = said.get(Refund.State(made.state), _("It is on its way: the provider says when it has gone."))
        (messages.error if made.state == Refund.State.FAILED else messages.success)(self.request, words)
        return self.back()


class TakeBack(OfPayment, View):
    """A transfer or cash was confirmed by mistake."""

    permission = payments.MANAGE
    http_method_names = ["post"]

    def post(self, request: TenantRequest, payment_key: Any) -> HttpResponse:
        try:
            payments.take_back(
                payment=self.payment,
                community=request.community,
                reason=request.POST.get("reason", ""),
                at=now(),
                by=Actor.of_request(request),
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("It is taken back: what it paid is to be paid again."))
        return self.back()


def _stuck(community_id: int) -> dict[str, Any]:
    """What nobody finished, the oldest of each kind; `needs` tells whether there is any."""
    rows = {
        "stuck_attempts": list(stuck.attempts(community_id)[:SHOWN]),
        "stuck_refunds": list(stuck.refunds(community_id)[:SHOWN]),
        "stuck_events": list(stuck.events(community_id)[:SHOWN]),
        "stuck_payments": list(stuck.payments(community_id)[:SHOWN]),
    }
    return rows | {"needs": any(rows.values())}


def _left(payment: Payment) -> Money:
    """What is still here of it, and not on its way back."""
    kept = 0 if payment.reversed_at else payment.amount - payment.refunded - payment.refunding
    return Money(kept, payment.currency)
