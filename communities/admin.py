"""What the site's own staff need: finding a community and approving it."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from communities.models import Community
from communities.services import founding
from kernel.clock import now
from members.actors import Actor


@admin.register(Community)
class CommunityAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "type", "visibility", "founded_at", "approved_at"]
    list_filter = ["type", "visibility"]
    search_fields = ["name", "slug"]
    actions = ["approve"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Community | None = None) -> bool:
        """The site's staff approve communities; changing one is its own staff's affair."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Community | None = None) -> bool:
        return False

    @admin.action(description=_("Approve: list them and let people join"), permissions=["view"])
    def approve(self, request: HttpRequest, communities: QuerySet[Community]) -> None:
        for community in communities:
            founding.approve(community=community, at=now(), by=Actor.of_request(request))
