"""What people do not want to be told: switched off and on by themselves, for each community and kind."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from kernel import mails
from members.models import DailyWish, Membership, OptOut
from members.selectors import merged

Channel = OptOut.Channel


@transaction.atomic
def choose(
    *,
    membership: Membership,
    wanted: Mapping[str, Collection[str]],
    at: datetime,
    daily: Collection[str] | None = None,
) -> None:
    """Set all of a member's choices at once: `wanted` holds the kinds wanted by channel; every other optional kind that
    they can receive is switched off. Kinds that must reach, that they cannot receive, or that are none change nothing.
    Of the kinds wanted by mail those of `daily` come in one letter a day; where it is None, those that did.
    """
    if daily is not None:
        known = {kind.key for kind in offered(Channel.MAIL, membership) if kind.can_wait}
        DailyWish.objects.filter(membership=membership).exclude(kind__in=daily).delete()
        wishes = [DailyWish(membership=membership, kind=kind, at=at) for kind in sorted(known & set(daily))]
        DailyWish.objects.bulk_create(wishes, ignore_conflicts=True)
    for channel in Channel.values:
        known = {kind.key for kind in offered(channel, membership)}
        off = known - set(wanted.get(channel, ()))
        mine = OptOut.objects.filter(membership=membership, channel=channel)
        # Whoever switched everything off at once has now said it kind by kind.
        mine.filter(kind__in=[*known - off, ""]).delete()
        OptOut.objects.bulk_create(
            (
                OptOut(
                    community_id=membership.community_id,
                    membership=membership,
                    channel=channel,
                    kind=kind,
                    at=at,
                )
                for kind in sorted(off)
            ),
            ignore_conflicts=True,
        )


@transaction.atomic
def silence(*, membership: Membership, at: datetime) -> None:
    """Switch off everything that can be, by e-mail and in the page, kinds that there will be included; until the member
    chooses anew."""
    OptOut.objects.bulk_create(
        (
            OptOut(community_id=membership.community_id, membership=membership, channel=channel, at=at)
            for channel in Channel.values
        ),
        ignore_conflicts=True,
    )


def offered(channel: str, membership: Membership | None = None) -> list[mails.MailKind]:
    """The kinds that can be switched off there, by this member where one is given, in the order of their groups."""
    can = (
        kind
        for kind in mails.kinds
        if kind.optional
        and (kind.body if channel == Channel.MAIL else kind.notice)
        and (membership is None or mails.reaches(kind, membership))
    )
    return sorted(can, key=lambda kind: kind.group)


def unsubscribe(*, named: Mapping[str, Any], at: datetime) -> None:
    """Switch off the letters that a letter's token names; doing it again changes nothing."""
    OptOut.objects.bulk_create([_of(named, at=at)], ignore_conflicts=True)


def stop_letters(*, members: Iterable[tuple[Membership, datetime]]) -> None:
    """Switch off every optional letter for these members, who said so elsewhere at that time; what they switched off
    by themselves stays as it is."""
    OptOut.objects.bulk_create(
        (
            OptOut(community_id=member.community_id, membership=merged.stands_for(member), at=at)
            for member, at in members
        ),
        batch_size=1000,
        ignore_conflicts=True,
    )


def subscribe_again(*, named: Mapping[str, Any], at: datetime) -> None:
    """Switch them on again."""
    out = _of(named, at=at)
    OptOut.objects.filter(
        Q(membership_id=out.membership_id),
        community_id=out.community_id,
        address__iexact=out.address,
        channel=out.channel,
        kind=out.kind,
    ).delete()


def _reader(named: Mapping[str, Any]) -> int | None:
    """The key of the member whom a letter's token names: who was merged since is who they stand for."""
    key: int | None = named.get("m")
    if key is None:
        return None
    found = Membership.objects.filter(pk=key, merged_into__isnull=False).first()
    return merged.stands_for(found).pk if found else key


def _of(named: Mapping[str, Any], *, at: datetime) -> OptOut:
    return OptOut(
        community_id=named["c"],
        membership_id=_reader(named),
        address=str(named.get("a", "")).lower(),
        kind=named["k"],
        at=at,
    )
