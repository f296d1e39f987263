"""The weekly digest: each member's letter on their community's Monday morning, once, and only where there is news."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation

from kernel import clock, digests, locks, sweeps
from kernel.digests import Week
from kernel.mails import Section
from kernel.tenancy import Community
from members.mail_kinds import DIGEST
from members.models import DigestWeek, Membership, OptOut
from members.roles import COUNTED, Status
from members.services import mail

#: The hour, by the community's clock, from which on a Monday's digest is written.
HOUR = time(8)
#: How long after it a digest that could not be written in time is still worth reading.
LATE = timedelta(hours=36)
CHUNK = 200
#: Whoever may come in and take part; a membership that waits, or is suspended, gets no news.
READERS = COUNTED | {Status.PAUSED.value}
_SharedParts = dict[str, list[tuple[Section, bool]]]
_BegunParts = list[tuple[Callable[[object], Section | None], bool]]


def due(*, at: datetime) -> list[tuple[Any, date]]:
    """(community, Monday of the week to tell of) for each whose digest is due and not written to its end."""
    model: Any = Membership._meta.get_field("community").related_model
    found = []
    for community in model.objects.order_by("pk").iterator(chunk_size=500):
        today = clock.local_day(at, community.zone)
        monday = today - timedelta(days=today.weekday())
        opens = clock.resolve_local(datetime.combine(monday, HOUR), community.zone)
        if opens <= at < opens + LATE and community.founded_at < clock.day_start(monday, community.zone):
            found.append((community, monday - timedelta(days=7)))
    done = set(
        DigestWeek.objects.filter(
            monday__in={monday for _community, monday in found}, done_at__isnull=False
        ).values_list("community_id", "monday")
    )
    return [(community, monday) for community, monday in found if (community.pk, monday) not in done]


def write_due(*, now: Callable[[], datetime], budget: timedelta) -> int:
    """Write every digest that is due, until the budget is used up; how many communities are done."""
    until = now() + budget

    def written(one: tuple[Any, date]) -> bool:
        community, monday = one
        return write(community=community, monday=monday, now=now, until=until)

    return sweeps.each("Digest", due(at=now()), written)


def write(*, community: Community, monday: date, now: Callable[[], datetime], until: datetime) -> bool:
    """Write the letters of one community's week; whether it was brought to its end before `until`.

    Each letter bears the member's and the week's name, so doing it again, or at once with another worker, writes
    to nobody twice.
    """
    week = Week(
        community,
        clock.day_start(monday, community.zone),
        clock.day_start(monday + timedelta(days=7), community.zone),
    )
    DigestWeek.objects.get_or_create(community_id=community.id, monday=monday, defaults={"begun_at": now()})
    shared = {code: _shared(week, code) for code, _name in settings.LANGUAGES}
    begun = [(part.begin(week), part.news) for part in digests.parts if part.begin]
    last = 0
    while now() < until:
        chunk = list(_readers(community).filter(pk__gt=last)[:CHUNK])
        if not chunk:
            DigestWeek.objects.filter(community_id=community.id, monday=monday).update(done_at=now())
            return True
        with transaction.atomic():
            locks.advisory(name="members.digest", key=community.id)
            for member in _without_letter(week, chunk):
                _write_one(week, member, shared, begun, at=now())
        last = chunk[-1].pk
    return False


def _readers(community: Community) -> Any:
    """Those who get it: they sign in, take part, and have not switched it off."""
    off = OptOut.objects.filter(
        community_id=community.id,
        channel=OptOut.Channel.MAIL,
        kind__in=["", DIGEST],
        membership__isnull=False,
    )
    members = Membership.objects.of(community.id).filter(user__isnull=False, status__in=READERS)
    return members.exclude(pk__in=off.values("membership_id")).select_related("user").order_by("pk")


def _without_letter(week: Week, members: list[Membership]) -> list[Membership]:
    names = {_name(week, member): member for member in members}
    written = mail.written(names)
    return [member for name, member in names.items() if name not in written]


def _name(week: Week, member: Membership) -> str:
    return f"digest:{member.pk}:{clock.local_day(week.start, week.community.zone)}"


def _shared(week: Week, language: str) -> list[tuple[Section, bool]]:
    """What everyone is told, in this language, and of each part whether it is news."""
    with translation.override(language):
        told = [(part.query(week), part.news) for part in digests.parts if part.query]
    return [(section, news) for section, news in told if section is not None]


def _write_one(
    week: Week, member: Membership, shared: _SharedParts, begun: _BegunParts, *, at: datetime
) -> None:
    language = mail.language_of(member, week.community)
    with translation.override(language):
        own = [(part.own(week, member), part.news) for part in digests.parts if part.own]
        own += [(tell(member), news) for tell, news in begun]
    told = shared[language] + [(section, news) for section, news in own if section is not None]
    if not any(news for _section, news in told):
        return
    mail.send(
        kind=DIGEST,
        to=member,
        community=week.community,
        words={},
        at=at,
        dedupe=_name(week, member),
        url=f"/c/{week.community.slug}/",
        sections={"week": [section for section, _news in told]},
    )
