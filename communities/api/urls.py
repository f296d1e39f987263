from django.urls import path

from communities.api.circles import Circles
from communities.api.communities import Communities, OneCommunity

COMMUNITY = "communities/<slug:community_slug>/"

urlpatterns = [
    path("communities/", Communities.as_view(), name="communities"),
    path(COMMUNITY, OneCommunity.as_view(), name="community"),
    path(f"{COMMUNITY}circles/", Circles.as_view(), name="circles"),
]
