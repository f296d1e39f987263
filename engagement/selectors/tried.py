"""What staff have tried with members, and whether they were active afterwards: letters, messages, notes. Never what was in
them, only that they were, when, and by whom."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from communities.models import Community, DirectMessage
from engagement.models import ActiveDay
from kernel import mails, words
from kernel.clock import local_day
from members.models import Membership, Message, Note
from members.roles import Role

#: Whether somebody was active is looked at on so many days after each try.
DAYS = 14


@dataclass(frozen=True)
class Way:
    """A way of trying something, and the sentence that tells of it."""

    icon: str
    sentence: Promise


LETTER = Way("mail", _("Letter “%(what)s” by %(by)s, %(ago)s"))
MESSAGE = Way("chat", _("Message from %(by)s, %(ago)s"))
NOTE = Way("file", _("Note by %(by)s, %(ago)s"))


@dataclass(frozen=True)
class Try:
    """One thing that was tried. `words` says which letter it was; `active` tells whether the member was active on one of the
    14 local days after, None while that cannot be said yet."""

    way: Way
    words: str
    by: str
    at: datetime
    active: bool | None

    @property
    def said(self) -> str:
        return str(self.way.sentence) % {"what": self.words, "by": self.by, "ago": words.ago(self.at)}


def of(community: Community, members: Iterable[Membership], *, since: datetime) -> dict[int, list[Try]]:
    """By member's number what staff have tried since then, the latest first; in four queries, whoever many they are."""
    wanted = {one.pk: one.number for one in members}
    if not wanted:
        return {}
    found = sorted(
        [*_letters(wanted, since), *_messages(community, wanted, since), *_notes(wanted, since)],
        key=lambda one: one[1].at,
        reverse=True,
    )
    days = _active_days(community, since) if found else {}
    last = max(days, default=None)
    tried: dict[int, list[Try]] = {}
    for number, one in found:
        day = local_day(one.at, community.zone)
        tried.setdefault(number, []).append(_told(one, number, day, days, last))
    return tried


def _told(one: Try, number: int, day: date, days: dict[date, BitMap], last: date | None) -> Try:
    after = [day + timedelta(days=n) for n in range(1, DAYS + 1)]
    active = any(number in days[each] for each in after if each in days)
    over = last is not None and after[-1] <= last
    return Try(one.way, one.words, one.by, one.at, True if active else False if over else None)


def _letters(wanted: dict[int, int], since: datetime) -> Iterator[tuple[int, Try]]:
    """Those that somebody had written and that went; what the site sends by itself is nothing that was tried."""
    sent = Message.objects.filter(membership_id__in=wanted, created_at__gte=since, state=Message.State.SENT)
    rows = sent.exclude(by_words="").values_list("membership_id", "kind", "by_words", "created_at")
    for pk, kind, by, at in rows:
        label = str(mails.get(kind).label) if kind in mails.kinds else ""
        yield wanted[pk], Try(LETTER, label, by, at, None)


def _messages(community: Community, wanted: dict[int, int], since: datetime) -> Iterator[tuple[int, Try]]:
    written = DirectMessage.objects.filter(
        Q(conversation__low__in=wanted) | Q(conversation__high__in=wanted),
        conversation__community_id=community.pk,
        created_at__gte=since,
        removed_at=None,
    )
    by_staff = written.exclude(author__role=Role.MEMBER).select_related(
        "author", "author__user", "conversation"
    )
    for message in by_staff:
        pair = {message.conversation.low_id, message.conversation.high_id}
        for pk in (pair - {message.author_id}) & wanted.keys():
            yield wanted[pk], Try(MESSAGE, "", str(message.author), message.created_at, None)


def _notes(wanted: dict[int, int], since: datetime) -> Iterator[tuple[int, Try]]:
    rows = Note.objects.filter(membership_id__in=wanted, at__gte=since)
    for pk, by, at in rows.values_list("membership_id", "by_words", "at"):
        yield wanted[pk], Try(NOTE, "", by, at, None)


def _active_days(community: Community, since: datetime) -> dict[date, BitMap]:
    rows = ActiveDay.objects.filter(community_id=community.pk, day__gte=local_day(since, community.zone))
    return {day: BitMap.deserialize(bytes(packed)) for day, packed in rows.values_list("day", "members")}
