"""Tiers: made, changed and taken away by staff. One of them is always the one given on joining."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import RestrictedError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from kernel import activity, locks
from kernel.errors import Refused
from kernel.tenancy import Community
from members.actors import Actor
from members.models import Tier
from members.search import pinyin
from members.services import audit, powers

FIELDS = ("name", "description", "rank", "perks", "colour", "capacity", "visible", "is_default")
MOST_PERKS = 20


@transaction.atomic
def create(*, community: Community, name: str, at: datetime, by: Actor, key: str = "", **fields: Any) -> Tier:
    """A new tier; its key is made of its name unless given, and stays. Without a `rank` it is the highest.

    Raises `Refused` for a key that is taken, for fields that do not fit, and for who may not manage tiers.
    """
    powers.require(by, "tiers.manage")
    _guard(fields)
    locks.advisory(name="members.tiers", key=community.id)
    tiers = Tier.objects.of(community.id)
    key = key or _free_key(name, set(tiers.values_list("key", flat=True)))
    if fields.get("rank") is None:
        highest = tiers.last()
        fields["rank"] = min(highest.rank + 10, 32_767) if highest else 10
    if fields.get("is_default") or not tiers.exists():
        tiers.update(is_default=False)
        fields["is_default"] = True
    try:
        with transaction.atomic():
            tier = Tier.objects.create(community_id=community.id, key=key, name=name, **fields)
    except IntegrityError:
        raise Refused(_("There is a tier of this key already."), code="taken", field="key") from None
    after = {name: getattr(tier, name) for name in FIELDS}
    _record("tier.created", tier, by=by, at=at, after=after)
    return tier


@transaction.atomic
def update(*, tier: Tier, at: datetime, by: Actor, **fields: Any) -> Tier:
    """Change what is given of `FIELDS`. Fewer places than members throw nobody out: nobody more comes in.

    Raises `Refused` for fields that do not fit, for taking the default away without giving it to another tier
    (`default`), and for who may not manage tiers.
    """
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise ValueError(f"Not fields of a tier: {', '.join(sorted(unknown))}")
    powers.require(by, "tiers.manage")
    _guard(fields)
    locks.advisory(name="members.tiers", key=tier.community_id)
    tier = locks.locked(Tier.objects.filter(pk=tier.pk)).get()
    before, after = audit.changed({name: getattr(tier, name) for name in fields}, fields)
    if not after:
        return tier
    if "is_default" in after:
        if not after["is_default"]:
            raise Refused(
                _("One tier is given on joining: choose another one instead."),
                code="default",
                field="is_default",
            )
        Tier.objects.of(tier.community_id).update(is_default=False)
    for name, value in after.items():
        setattr(tier, name, value)
    tier.save(update_fields=list(after))
    _record("tier.changed", tier, by=by, at=at, before=before, after=after)
    activity.announce("tier.changed", tier=tier, changed=frozenset(after), at=at, by=by)
    return tier


@transaction.atomic
def delete(*, tier: Tier, at: datetime, by: Actor) -> None:
    """Take away a tier that nobody is in or ever chose. Raises `Refused` for the default one and for one in use."""
    powers.require(by, "tiers.manage")
    locks.advisory(name="members.tiers", key=tier.community_id)
    tier = locks.locked(Tier.objects.filter(pk=tier.pk)).get()
    if tier.is_default:
        raise Refused(_("This tier is given on joining: let another one be given first."), code="default")
    before = {name: getattr(tier, name) for name in FIELDS}
    key, community_id = tier.key, tier.community_id
    try:
        with transaction.atomic():
            tier.delete()
    except (IntegrityError, RestrictedError):
        message = _("“%(tier)s” is in use: put its members into another tier first.")
        raise Refused(message % {"tier": tier.name}, code="in_use") from None
    audit.record(
        action="tier.deleted",
        object_kind="tier",
        object_id=key,
        by=by,
        at=at,
        community_id=community_id,
        before=before,
    )


def _guard(fields: dict[str, Any]) -> None:
    if fields.get("capacity") is not None and fields["capacity"] < 1:
        raise Refused(
            _("A tier has at least one place; leave it empty for any number."), code="range", field="capacity"
        )
    if "rank" in fields and fields["rank"] is not None and not 0 <= fields["rank"] <= 32_767:
        raise Refused(_("A rank lies between 0 and 32767."), code="range", field="rank")
    perks = fields.get("perks", [])
    if len(perks) > MOST_PERKS or any(len(perk) > 120 for perk in perks):
        message = _("At most %(most)d perks of 120 characters each.")
        raise Refused(message % {"most": MOST_PERKS}, code="too_much", field="perks")
    if fields.get("colour") is not None and fields["colour"] not in Tier.Colour.values:
        raise Refused(_("There is no such colour."), code="unknown", field="colour")


def _free_key(name: str, taken: set[str]) -> str:
    stem = slugify(" ".join(pinyin(name)))[:34].strip("-") or "tier"
    numbered = (f"{stem}-{n}" for n in range(2, len(taken) + 3))
    return next(key for key in (stem, *numbered) if key not in taken)


def _record(
    action: str, tier: Tier, *, by: Actor, at: datetime, after: dict[str, Any], before: Any = None
) -> None:
    audit.record(
        action=action,
        object_kind="tier",
        object_id=tier.key,
        by=by,
        at=at,
        community_id=tier.community_id,
        before=before or {},
        after=after,
    )
