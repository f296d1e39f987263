"""What staff do to one membership: an act upon its status, another tier."""

from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from kernel.clock import now
from members.actors import Actor
from members.forms.acts import ActForm, TierForm
from members.services import memberships, standing
from members.statuses import Act, acts
from members.views.member import Change


class ActUpon(Change):
    """Asks first, says what follows, and carries the act out."""

    template_name = "members/act.html"

    @cached_property
    def act(self) -> Act:
        try:
            act = acts.get(self.kwargs["act"])
        except KeyError:
            raise Http404 from None
        if not act.permission:
            raise Http404
        return act

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission = self.act.permission

    def get_form(self, form_class: type[Form] | None = None) -> Form:
        return ActForm(**self.get_form_kwargs(), act=self.act, zone=self.request.community.zone)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        fits = self.subject.status in self.act.sources
        return super().get_context_data(act=self.act, fits=fits, **kwargs)

    def change(self, fields: dict[str, Any]) -> str:
        changed = standing.act(
            self.act.key, membership=self.subject, at=now(), by=Actor.of_request(self.request), **fields
        )
        return _("%(name)s is now: %(status)s.") % {"name": changed, "status": changed.get_status_display()}


class ChangeTier(Change):
    template_name = "members/tier.html"

    def get_form(self, form_class: type[Form] | None = None) -> Form:
        return TierForm(**self.get_form_kwargs(), community=self.request.community)

    def get_initial(self) -> dict[str, Any]:
        return {"tier": self.subject.tier_id}

    def change(self, fields: dict[str, Any]) -> str:
        changed = memberships.change_tier(
            membership=self.subject, at=now(), by=Actor.of_request(self.request), **fields
        )
        return _("%(name)s is in the tier “%(tier)s” now.") % {"name": changed, "tier": changed.tier}
