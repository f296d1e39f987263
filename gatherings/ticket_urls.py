"""The addresses of places: taking one, having one, selling them."""

from django.urls import path

from gatherings.views import buying, kinds, tickets

COMMUNITY = "c/<slug:community_slug>/"
EVENT = f"{COMMUNITY}events/<uuid:event_key>/"
TICKET = f"{COMMUNITY}tickets/<slug:ticket_code>/"

urlpatterns = [
    path(f"{EVENT}buy/", buying.Buy.as_view(), name="buy"),
    path(f"{EVENT}wait/", tickets.Wait.as_view(), name="wait"),
    path(f"{EVENT}tickets/", kinds.Kinds.as_view(), name="kinds"),
    path(f"{EVENT}tickets/<uuid:kind_key>/", kinds.Kind.as_view(), name="kind"),
    path(f"{COMMUNITY}tickets/", tickets.Mine.as_view(), name="tickets"),
    path(TICKET, tickets.OneTicket.as_view(), name="ticket"),
    path(f"{TICKET}give-back/", tickets.GiveBack.as_view(), name="give_back"),
]
