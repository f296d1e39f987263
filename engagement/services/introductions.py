"""Bringing two members together: said to both, written down, and looked at for four weeks after."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from communities.models import Community
from engagement import mail_kinds
from engagement.models import Fact, Introduction
from engagement.selectors import figures as known
from engagement.selectors import introductions as seen
from engagement.selectors.cohesion import newest
from kernel import words
from kernel.activity import ACTS
from kernel.clock import day_end, day_start, local_day
from kernel.errors import Refused
from kernel.locks import held, locked
from members.actors import Actor
from members.models import Membership
from members.selectors import merged
from members.services import audit, mail, powers

INTRODUCE = "members.introduce"
FIGURE = "introductions"
State = Introduction.State


@transaction.atomic
def introduce(*, one: Membership, other: Membership, at: datetime, by: Actor) -> Introduction:
    """Bring two members together: each hears of the other, in their own language, and how to write to them.

    Raises `Refused` for one and the same (`same`), for whom somebody has introduced already (`already`), where one of them
    is not to be named to others or they want nothing of one another (`closed`, which does not tell why), for two who are in
    touch (`in_touch`), and for who may not do it.
    """
    powers.require(by, INTRODUCE)
    one, other = _both(one, other)
    community: Community = one.community
    before = seen.of_pair(community, one, other)
    if before is not None and before.state == State.MADE:
        raise Refused(_("These two have been introduced already."), code="already")
    ready = seen.open_to(community, at=at).filter(pk__in=[one.pk, other.pk])
    if ready.count() < 2 or seen.closed(one, other):
        raise Refused(_("These two cannot be introduced at the moment."), code="closed")
    if seen.in_touch(community, one, other, at=at):
        raise Refused(_("These two are in touch already."), code="in_touch")
    row = _said(before, community, one, other, State.MADE, at=at, by=by)
    for member, whom in ((one, other), (other, one)):
        _tell(row, member, whom, community, at=at, by=by)
    return row


@transaction.atomic
def set_aside(*, one: Membership, other: Membership, at: datetime, by: Actor) -> Introduction:
    """Say that these two are not to be introduced: nobody is told, and they are not proposed again. Saying it again changes
    nothing. Raises `Refused` for one and the same (`same`), for whom somebody has introduced (`already`), and for who may
    not do it."""
    powers.require(by, INTRODUCE)
    one, other = _both(one, other)
    before = seen.of_pair(one.community, one, other)
    if before is not None and before.state == State.MADE:
        raise Refused(_("These two have been introduced already."), code="already")
    return before or _said(None, one.community, one, other, State.SET_ASIDE, at=at, by=by)


@transaction.atomic
def take_up(*, row: Introduction, at: datetime, by: Actor) -> None:
    """Let two who were set aside be proposed again. Raises `Refused` for whom somebody has introduced (`already`), and for
    who may not do it."""
    powers.require(by, INTRODUCE)
    found = locked(Introduction.objects.filter(pk=row.pk)).first()
    if found is None:
        return
    if found.state == State.MADE:
        raise Refused(_("These two have been introduced already."), code="already")
    _record("introduction.taken_up_again", found, at=at, by=by)
    found.delete()


@transaction.atomic
def look_back(*, community: Community) -> int:
    """Of those who were introduced in the last weeks keep on which day one first turned to the other; of how many it is
    known now that they did. Facts that arrive later are seen as well."""
    state = known.state(community.pk)
    if state.as_of is None:
        return 0
    first = day_start(state.as_of - timedelta(days=2 * seen.DAYS), community.zone)
    waiting = Introduction.objects.of(community.pk).made().filter(met_on=None, at__gte=first)
    looked = 0
    for row in locked(waiting.order_by("pk")):
        met = _first_contact(community, row)
        if met is not None:
            row.met_on = local_day(met, community.zone)
            row.save(update_fields=["met_on"])
            looked += 1
    return looked


def _first_contact(community: Community, row: Introduction) -> datetime | None:
    """When one of the two first turned to the other after they were introduced, within the days that are looked at."""
    until = day_end(local_day(row.at, community.zone) + timedelta(days=seen.DAYS), community.zone)
    low, high = _all_numbers(community, row.low), _all_numbers(community, row.high)
    facts = Fact.objects.of(community.pk).filter(
        Q(member__in=low, target__in=high) | Q(member__in=high, target__in=low),
        utc_day__range=(row.at.date(), until.date()),
        occurred_at__gt=row.at,
        occurred_at__lt=until,
        verb__in=ACTS,
        retracted_at=None,
    )
    return facts.order_by("occurred_at").values_list("occurred_at", flat=True).first()


def _all_numbers(community: Community, number: int) -> Sequence[int]:
    """The numbers under which facts may know whoever that number stands for now."""
    found = Membership.objects.of(community.pk).filter(number=number).first()
    found = found or merged.of_number(community.pk, number)
    return [number] if found is None else [found.number, *merged.numbers_of(found)]


def _both(one: Membership, other: Membership) -> tuple[Membership, Membership]:
    """The two as they are until the end of the transaction, the lower number first."""
    if one.pk == other.pk:
        raise Refused(_("It takes two different members."), code="same")
    rows = held(Membership.objects.filter(pk__in=[one.pk, other.pk]).order_by("pk"))
    low, high = sorted(rows, key=lambda row: row.number)
    return low, high


def _said(
    before: Introduction | None,
    community: Community,
    one: Membership,
    other: Membership,
    state: str,
    *,
    at: datetime,
    by: Actor,
) -> Introduction:
    row = before or Introduction(community_id=community.pk, low=one.number, high=other.number)
    row.state, row.at = state, at
    row.by = by.membership.number if by.membership is not None else None
    row.why = _why(community, one, other)
    row.save()
    _record("introduction.made" if state == State.MADE else "introduction.set_aside", row, at=at, by=by)
    return row


def _why(community: Community, one: Membership, other: Membership) -> dict[str, Any]:
    """What they have in common, in counts: how many both are in touch with as the figure has it, where it names these two."""
    pair, data = {one.number, other.number}, newest(community, FIGURE)[FIGURE]
    rows = data["pairs"] if data else []
    shared = next((row["shared_neighbours"] for row in rows if set(row["members"]) == pair), 0)
    return {
        "shared_neighbours": shared,
        "shared_interests": len(seen.shared_interests(one, other)),
        "same_city": bool(seen.shared_city(one, other)),
    }


def _tell(
    row: Introduction, member: Membership, whom: Membership, community: Community, *, at: datetime, by: Actor
) -> None:
    introducer = by.membership.display_name if by.membership is not None else community.name
    with translation.override(mail.language_of(member, community)):
        why = _sentence(row, member, whom)
    mail.send(
        kind=mail_kinds.INTRODUCED,
        to=member,
        community=community,
        words={"other": whom.display_name, "introducer": introducer, "why": why},
        at=at,
        by=by,
        url=reverse("communities:conversation", args=[community.slug, whom.number]),
        about=f"introduction:{row.key}",
        dedupe=f"{mail_kinds.INTRODUCED}:{row.key}:{member.pk}",
    )


def _sentence(row: Introduction, member: Membership, whom: Membership) -> str:
    """Why these two, in the language in force. Whom both know is not named: that is not theirs to tell."""
    interests, city = seen.shared_interests(member, whom), seen.shared_city(member, whom)
    said = []
    if interests:
        said.append(_("You both like: %(interests)s.") % {"interests": words.listed(interests)})
    if city:
        said.append(_("You both live in %(city)s.") % {"city": city})
    if row.why["shared_neighbours"]:
        said.append(_("You are in touch with some of the same people."))
    return " ".join(said) or _("They think that you two may have something to say to one another.")


def _record(action: str, row: Introduction, *, at: datetime, by: Actor) -> None:
    audit.record(
        action=action,
        object_kind="introduction",
        object_id=row.key,
        by=by,
        at=at,
        community_id=row.community_id,
        after={"low": row.low, "high": row.high},
    )
