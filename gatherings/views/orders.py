"""The tickets of a gathering and what was paid for them: listed, taken along, taken back, guests asked to join."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from gatherings.models import Ticket
from gatherings.order_forms import TakeBackForm
from gatherings.selectors import orders as found
from gatherings.services import guests, returns, seats
from gatherings.views.kinds import LookedAfter
from kernel import sheets
from kernel.clock import now
from kernel.errors import Refused
from kernel.tenancy import TenantRequest

PAGE = 50


class _Tickets(LookedAfter):
    @property
    def money(self) -> bool:
        return found.shows_money(self.request.membership)

    def ticket(self, key: UUID) -> Ticket:
        rows = Ticket.objects.filter(event=self.event, key=key)
        ticket = rows.select_related("membership", "taken_by", "kind__room", "event__community").first()
        if ticket is None:
            raise Http404
        return ticket

    def form(self, ticket: Ticket, given: QueryDict | None = None) -> TakeBackForm:
        return TakeBackForm(given, priced=bool(ticket.price), brings=len(seats.brought_along(ticket)))

    def to_list(self) -> HttpResponse:
        return redirect("gatherings:orders", self.request.community.slug, self.event.key)


class Orders(_Tickets):
    """All tickets, the latest first: who comes, how each stands; with what was paid for who sees the money."""

    http_method_names = ["get", "head"]

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        asked = {name: request.GET.get(name, "").replace("\x00", "")[:120] for name in ("q", "state")}
        rows = found.tickets(self.event, request.membership, state=asked["state"], text=asked["q"])
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        found.tell(list(page.object_list), money=self.money)
        counts = found.counts(self.event)
        context = {
            "community": request.community,
            "event": self.event,
            "page": page,
            "asked": asked,
            "money": self.money,
            "states": [(value, label, counts.get(value, 0)) for value, label in Ticket.State.choices],
            "sums": found.sums(self.event) if self.money else None,
        }
        part = bool(getattr(request, "htmx", False))
        return render(request, "gatherings/_orders.html" if part else "gatherings/orders.html", context)


class OrderSheet(_Tickets):
    """The list as CSV; the audit log keeps who took it along."""

    http_method_names = ["get", "head"]

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponseBase:
        returns.sheet_taken(event=self.event, at=now(), by=self.by)
        name = f"{request.community.slug}-tickets-{self.event.starts_at.astimezone(self.event.zone):%Y-%m-%d}.csv"
        rows = found.sheet(self.event, request.membership, money=self.money)
        return sheets.answer(found.header(money=self.money), rows, name=name)


class TakeBack(_Tickets):
    """Take a ticket back, say why, and whether what was paid goes back: its holder reads it."""

    def get(self, request: TenantRequest, event_key: UUID, ticket_key: UUID) -> HttpResponse:
        return self._page(self.ticket(ticket_key), None)

    def post(self, request: TenantRequest, event_key: UUID, ticket_key: UUID) -> HttpResponse:
        ticket = self.ticket(ticket_key)
        form = self.form(ticket, request.POST)
        if not form.is_valid():
            return self._page(ticket, form)
        given = form.cleaned_data
        try:
            returns.take_back(
                ticket=ticket,
                refund=given.get("refund", False),
                reason=given["reason"],
                along=given.get("along", False),
                at=now(),
                by=self.by,
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self._page(ticket, form)
        messages.success(request, _("The ticket is taken back. They were told."))
        return self.to_list()

    def _page(self, ticket: Ticket, form: TakeBackForm | None) -> HttpResponse:
        found.tell([ticket], money=self.money)
        context = {
            "community": self.request.community,
            "event": self.event,
            "ticket": ticket,
            "money": self.money,
            "form": form or self.form(ticket),
        }
        return render(self.request, "gatherings/take_back.html", context)


class InviteGuest(_Tickets):
    """Ask a guest to join."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, event_key: UUID, ticket_key: UUID) -> HttpResponse:
        ticket = self.ticket(ticket_key)
        try:
            guests.invite(
                event=self.event, guest=ticket.membership, inviter=request.membership, at=now(), by=self.by
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            told = _("%(name)s is asked to join.") % {"name": ticket.membership.display_name}
            messages.success(request, told)
        return self.to_list()
