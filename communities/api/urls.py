from django.urls import path

from communities.api.applications import Applications, Decide, OneApplication
from communities.api.circles import Circles
from communities.api.communities import Communities, OneCommunity

COMMUNITY = "communities/<slug:community_slug>/"

urlpatterns = [
    path("communities/", Communities.as_view(), name="communities"),
    path(COMMUNITY, OneCommunity.as_view(), name="community"),
    path(f"{COMMUNITY}circles/", Circles.as_view(), name="circles"),
    path(f"{COMMUNITY}applications/", Applications.as_view(), name="applications"),
    path(f"{COMMUNITY}applications/<uuid:application_id>/", OneApplication.as_view(), name="application"),
    path(
        f"{COMMUNITY}applications/<uuid:application_id>/decide/",
        Decide.as_view(),
        name="decide_application",
    ),
]
