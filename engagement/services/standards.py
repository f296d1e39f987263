"""Setting the targets and weights by which a community's well-being is judged: a version each, from its day on."""

from collections.abc import Mapping
from datetime import datetime
from math import isfinite

from django.db import transaction
from django.utils.translation import gettext as _

from communities.blueprints.wellbeing import Component, Goal
from communities.models import Community
from engagement.models import HealthStandard
from engagement.selectors import standards
from engagement.selectors.standards import Standard
from engagement.services import dirty
from kernel.clock import local_day
from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor
from members.services import audit, powers

HEAVIEST = 100


@transaction.atomic
def change(
    *, community: Community, goals: Mapping[str, tuple[float, float]], at: datetime, by: Actor
) -> Standard:
    """Judge by these targets and weights, (target, weight) by component, from the community's day of `at` on; components
    that are not named keep theirs. Where nothing differs there is no new version.

    Raises `Refused` for a component that the community's type does not have, for a target or weight out of bounds, where
    nothing is left that weighs anything, and for who may not change settings any more.
    """
    community = locked(Community.objects.filter(pk=community.pk)).get()
    powers.require(by, "settings.change")
    newest = standards.every(community)[0]
    own = {goal.component.key: goal for goal in standards.in_force(community)}
    for key, (target, weight) in goals.items():
        if key not in own:
            message = _("The well-being of this community has no component %(key)s; it has %(known)s.")
            raise Refused(message % {"key": key, "known": ", ".join(own)}, code="unknown", field=key)
        own[key] = _fitting(own[key].component, target, weight)
    if not any(goal.weight for goal in own.values()):
        raise Refused(_("Let at least one component weigh something."), code="nothing_weighs")
    chosen = tuple(own.values())
    before, after = standards.kept(newest.goals), standards.kept(chosen)
    if before == after:
        return newest
    made = HealthStandard.objects.create(
        community_id=community.pk,
        version=newest.version + 1,
        since=local_day(at, community.zone),
        goals=after,
        at=at,
    )
    differing = [key for key in after if before.get(key) != after[key]]
    audit.record(
        action="community.health_changed",
        object_kind="community",
        object_id=community.slug,
        by=by,
        at=at,
        community_id=community.pk,
        before={"health": {key: before[key] for key in differing if key in before}},
        after={"health": {key: after[key] for key in differing}},
    )
    dirty.figures_only(community_id=community.pk)
    return Standard(made.version, made.since, chosen)


def _fitting(component: Component, target: float, weight: float) -> Goal:
    most = component.measure.most
    if not (isfinite(target) and 0 < target <= most):
        message = _("%(name)s: a target above 0 and up to %(most)s is expected.")
        told = component.measure.write(most)
        raise Refused(message % {"name": component.name, "most": told}, code="target", field=component.key)
    if not (isfinite(weight) and 0 <= weight <= HEAVIEST):
        message = _("%(name)s: a weight between 0 and %(most)s is expected.")
        said = {"name": component.name, "most": HEAVIEST}
        raise Refused(message % said, code="weight", field=component.key)
    return Goal(component, target, weight)
