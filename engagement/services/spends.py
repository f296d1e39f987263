"""What channels cost: entered, changed, removed and taken back by staff. Figures are counted anew each time."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Community
from engagement.models import Spend
from engagement.selectors import spends as seen
from engagement.services import dirty
from kernel.errors import Refused
from kernel.locks import locked
from kernel.money import Money
from members.actors import Actor
from members.services import audit, powers

MANAGE = "spends.manage"
#: A cost lies on at most so many days: what is spread over more tells nothing of any of them.
LONGEST = timedelta(days=366)
FIELDS = ("channel", "campaign", "first", "last", "amount", "currency", "note")


@dataclass(frozen=True)
class Cost:
    """What is entered: for which channel, and campaign if it is for one, from which local day to which."""

    channel: str
    campaign: str
    first: date
    last: date
    money: Money
    note: str = ""

    def columns(self) -> dict[str, Any]:
        return {
            "channel": self.channel.strip(),
            "campaign": self.campaign.strip(),
            "first": self.first,
            "last": self.last,
            "amount": self.money.amount,
            "currency": self.money.currency,
            "note": self.note.strip(),
        }


@transaction.atomic
def add(*, community: Community, cost: Cost, at: datetime, by: Actor) -> Spend:
    """Raises `Refused` for what is no cost, and for who may not enter any."""
    powers.require(by, MANAGE)
    _fitting(cost)
    cost = _as_named(community.pk, cost)
    spend = Spend.objects.create(community_id=community.pk, entered_at=at, **cost.columns())
    _told("spend.entered", spend, {}, cost.columns(), at, by)
    return spend


@transaction.atomic
def change(*, spend: Spend, cost: Cost, at: datetime, by: Actor) -> Spend:
    """Raises `Refused` as `add` does, and for one that was removed."""
    powers.require(by, MANAGE)
    _fitting(cost)
    spend = locked(Spend.objects.filter(pk=spend.pk)).get()
    if spend.removed_at is not None:
        raise Refused(_("This cost was removed. Take it back first."), code="removed")
    cost = _as_named(spend.community_id, cost)
    before, after = {name: getattr(spend, name) for name in FIELDS}, cost.columns()
    differing = [name for name in FIELDS if before[name] != after[name]]
    if not differing:
        return spend
    if {"amount", "currency"} & set(differing):
        differing = [
            *(name for name in differing if name not in ("amount", "currency")),
            "amount",
            "currency",
        ]
    for name in differing:
        setattr(spend, name, after[name])
    spend.save(update_fields=differing)
    was, now_is = ({name: one[name] for name in differing} for one in (before, after))
    _told("spend.changed", spend, was, now_is, at, by)
    return spend


@transaction.atomic
def remove(*, spend: Spend, at: datetime, by: Actor) -> Spend:
    """Out of every figure, until it is taken back. One that is removed already stays so."""
    return _set(spend, at, "spend.removed", at, by)


@transaction.atomic
def take_back(*, spend: Spend, at: datetime, by: Actor) -> Spend:
    """As it was before it was removed."""
    return _set(spend, None, "spend.taken_back", at, by)


def _set(spend: Spend, removed_at: datetime | None, action: str, at: datetime, by: Actor) -> Spend:
    powers.require(by, MANAGE)
    spend = locked(Spend.objects.filter(pk=spend.pk)).get()
    if (spend.removed_at is None) == (removed_at is None):
        return spend
    spend.removed_at = removed_at
    spend.save(update_fields=["removed_at"])
    _told(action, spend, {}, {}, at, by)
    return spend


def _fitting(cost: Cost) -> None:
    if not cost.channel.strip():
        raise Refused(_("Name the channel that it was spent on."), code="channel", field="channel")
    if cost.last < cost.first:
        raise Refused(_("The last day comes before the first."), code="days", field="last")
    if cost.last - cost.first >= LONGEST:
        raise Refused(_("Enter at most a year at a time."), code="days", field="last")
    if cost.money.amount <= 0:
        raise Refused(_("An amount above zero is expected."), code="amount", field="amount")


def _as_named(community_id: int, cost: Cost) -> Cost:
    """With the channel and campaign as links and letters write them, where they differ in capitals alone: a cost for
    “WeChat” would stand beside nobody of those who came by “wechat”."""
    channel, campaign = cost.channel.strip().lower(), cost.campaign.strip().lower()
    known = [(one, other) for one, other in seen.ways(community_id) if one.lower() == channel]
    # Where several are in use that differ so, the one that was written.
    known.sort(key=lambda way: (way[0] != cost.channel.strip(), way[1] != cost.campaign.strip()))
    for one, other in known:
        if other.lower() == campaign:
            return replace(cost, channel=one, campaign=other)
    return replace(cost, channel=known[0][0]) if known else cost


def _told(
    action: str, spend: Spend, before: dict[str, Any], after: dict[str, Any], at: datetime, by: Actor
) -> None:
    audit.record(
        action=action,
        object_kind="spend",
        object_id=str(spend.key),
        by=by,
        at=at,
        community_id=spend.community_id,
        before=_plain(before),
        after=_plain(after),
    )
    dirty.figures_only(community_id=spend.community_id)


def _plain(columns: dict[str, Any]) -> dict[str, Any]:
    """Days as texts, an amount with its currency."""
    found: dict[str, Any] = {
        name: value.isoformat() if isinstance(value, date) else value for name, value in columns.items()
    }
    if "amount" in found:
        money = Money(found["amount"], found.pop("currency"))
        found["amount"] = f"{money} {money.currency}"
    return found
