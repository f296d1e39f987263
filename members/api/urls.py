from django.urls import path

from members.api.imports import Imports, OneImport
from members.api.members import Leave, Members, OneMember, Remove
from members.api.tiers import Tiers

COMMUNITY = "communities/<slug:community_slug>/"

urlpatterns = [
    path(f"{COMMUNITY}members/", Members.as_view(), name="members"),
    path(f"{COMMUNITY}members/<int:number>/", OneMember.as_view(), name="member"),
    path(f"{COMMUNITY}members/<int:number>/leave/", Leave.as_view(), name="member_leave"),
    path(f"{COMMUNITY}members/<int:number>/remove/", Remove.as_view(), name="member_remove"),
    path(f"{COMMUNITY}imports/", Imports.as_view(), name="imports"),
    path(f"{COMMUNITY}imports/<uuid:run_id>/", OneImport.as_view(), name="import"),
    path(f"{COMMUNITY}tiers/", Tiers.as_view(), name="tiers"),
]
