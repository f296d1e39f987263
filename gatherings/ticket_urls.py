"""The addresses of places: taking one, having one, selling them."""

from django.urls import path

from gatherings.views import buying, kinds, orders, tickets, waiting

COMMUNITY = "c/<slug:community_slug>/"
EVENT = f"{COMMUNITY}events/<uuid:event_key>/"
TICKET = f"{COMMUNITY}tickets/<slug:ticket_code>/"

urlpatterns = [
    path(f"{EVENT}buy/", buying.Buy.as_view(), name="buy"),
    path(f"{EVENT}wait-as-guest/", waiting.WaitAsGuest.as_view(), name="wait_as_guest"),
    path(f"{COMMUNITY}waiting/<slug:turn_code>/", waiting.Turn.as_view(), name="turn"),
    path(f"{TICKET}take/", waiting.TakeOffer.as_view(), name="take_offer"),
    path(f"{EVENT}wait/", tickets.Wait.as_view(), name="wait"),
    path(f"{EVENT}tickets/", kinds.Kinds.as_view(), name="kinds"),
    path(f"{EVENT}tickets/<uuid:kind_key>/", kinds.Kind.as_view(), name="kind"),
    path(f"{EVENT}orders/", orders.Orders.as_view(), name="orders"),
    path(f"{EVENT}orders/sheet/", orders.OrderSheet.as_view(), name="orders_sheet"),
    path(f"{EVENT}orders/<uuid:ticket_key>/take-back/", orders.TakeBack.as_view(), name="take_back"),
    path(f"{EVENT}orders/<uuid:ticket_key>/invite/", orders.InviteGuest.as_view(), name="invite_guest"),
    path(f"{COMMUNITY}tickets/", tickets.Mine.as_view(), name="tickets"),
    path(TICKET, tickets.OneTicket.as_view(), name="ticket"),
    path(f"{TICKET}give-back/", tickets.GiveBack.as_view(), name="give_back"),
]
