"""Who may see which tier and which member, and what a tier opens; apps above build their rules of these."""

from django.db.models import Q

from kernel import access
from members.models import Membership, Tier
from members.roles import ADMITTED


def register() -> None:
    access.rule(Tier, allows_tier, visible_tiers)
    access.rule(Membership, allows_member, visible_members)


def is_inside(viewer: Membership | None) -> bool:
    """Whether the viewer reads as a member does. Who pauses, owes dues or is restricted still does; who has not
    joined, has lapsed or is gone sees what a visitor sees."""
    return viewer is not None and viewer.is_admitted


def is_on_duty(viewer: Membership | None) -> bool:
    """Whether the viewer's role lets them see every member, and so whatever is open to any member."""
    return viewer is not None and viewer.may("members.view")


def opens(viewer: Membership | None, minimum: Tier | None) -> bool:
    """Whether the viewer stands high enough for what asks for a tier of this rank at the least."""
    if minimum is None or is_on_duty(viewer):
        return True
    if viewer is None or not viewer.is_admitted or viewer.tier is None:
        return False
    return viewer.tier.rank >= minimum.rank


def opens_q(viewer: Membership | None, field: str = "minimum_tier") -> Q:
    """`opens` for rows whose `field` is the tier they ask for."""
    if is_on_duty(viewer):
        return Q()
    anybody = Q(**{f"{field}__isnull": True})
    if viewer is None or not viewer.is_admitted or viewer.tier is None:
        return anybody
    return anybody | Q(**{f"{field}__rank__lte": viewer.tier.rank})


def allows_tier(viewer: Membership | None, tier: Tier) -> bool:
    """Tiers shown to everyone; one that is not, to staff and to whoever is in it."""
    if viewer is not None and viewer.community_id != tier.community_id:
        return False
    own = viewer is not None and viewer.is_admitted and viewer.tier_id == tier.pk
    return tier.visible or own or is_on_duty(viewer)


def visible_tiers(viewer: Membership | None) -> Q:
    if viewer is None:
        return Q(visible=True)
    here = Q(community_id=viewer.community_id)
    if is_on_duty(viewer):
        return here
    own = Q(pk=viewer.tier_id) if viewer.is_admitted and viewer.tier_id else Q(pk__in=[])
    return here & (Q(visible=True) | own)


def allows_member(viewer: Membership | None, member: Membership) -> bool:
    """Members see one another where they are here now and listed; themselves always. Somebody whom a file or staff
    entered and who has never claimed the membership has agreed to nothing: they are not listed. What is seen of
    each is theirs to say: `shown`. Staff see everyone at the desk, not here."""
    if viewer is None or not viewer.is_admitted or viewer.community_id != member.community_id:
        return False
    return viewer.pk == member.pk or (member.listed and member.is_admitted and member.user_id is not None)


def visible_members(viewer: Membership | None) -> Q:
    if viewer is None or not viewer.is_admitted:
        return Q(pk__in=[])
    return Q(community_id=viewer.community_id, merged_into=None) & (Q(pk=viewer.pk) | listed_q())


def listed_q() -> Q:
    """Who stands in the directory. In one order, so that the partial indexes of it are recognised."""
    return Q(listed=True, status__in=sorted(ADMITTED), user__isnull=False)
