"""What a community says of its gatherings."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Community
from gatherings.models import GatheringRules
from gatherings.services import events
from kernel.errors import Refused
from members.actors import Actor
from members.services import audit, powers

SETTINGS = "events.settings"


@transaction.atomic
def save(
    *, community: Community, members_plan: str, reminded_hours: int, at: datetime, by: Actor
) -> GatheringRules:
    """Say who plans gatherings here, and how many hours before one people are reminded. Raises `Refused` for what is no
    answer (`unknown`) and for who may not say so."""
    powers.require(by, SETTINGS)
    if members_plan not in GatheringRules.Members.values:
        raise Refused(_("Choose who plans gatherings."), code="unknown", field="members_plan")
    if reminded_hours not in GatheringRules.Reminded.values:
        raise Refused(_("Choose when people are reminded."), code="unknown", field="reminded_hours")
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    rules = events.rules_of(community)
    said = {"members_plan": members_plan, "reminded_hours": reminded_hours}
    before, after = audit.changed({name: getattr(rules, name) for name in said}, said)
    if after:
        rules.members_plan, rules.reminded_hours = members_plan, reminded_hours
        rules.save()
        audit.record(
            action="community.gathering_rules_changed",
            object_kind="gathering_rules",
            by=by,
            at=at,
            community_id=community.pk,
            before=before,
            after=after,
        )
    return rules
