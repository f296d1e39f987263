"""Letters and notices as they are looked at: what a person gets, what a community sent, who cannot be reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from kernel import keyset, mails
from kernel.keyset import Order
from kernel.mails import MailKind
from members.models import (
    DailyWish,
    DeadAddress,
    MailTemplate,
    Membership,
    Message,
    Notification,
    OptOut,
    QuietHours,
)
from members.roles import ADMITTED
from members.selectors.directory import Count

Channel = OptOut.Channel
#: Notices shown on a page.
NOTICES = 50
NOTICE_ORDER = Order("at", descending=True)
LOG_ORDER = Order("created_at", tie="id", descending=True)
#: Letters on a page of the log, and how far they are counted.
LOG_PAGE, LOG_COUNT = 50, 10_000
#: Members of one name whose letters are looked for.
MOST_NAMED = 200


@dataclass(frozen=True)
class Choice:
    """One kind on the page of preferences; `mail` and `page` are None where it has no letter or no notice, `daily` where its
    letters cannot wait for the daily one."""

    kind: MailKind
    mail: bool | None
    page: bool | None
    fixed: bool
    daily: bool | None = None


@dataclass(frozen=True)
class Wishes:
    """A member's choices, by group."""

    membership: Membership
    groups: Sequence[tuple[str, Sequence[Choice]]]

    @property
    def offered(self) -> list[tuple[str, list[Choice]]]:
        """What can be switched off, by group."""
        found = [(label, [one for one in choices if not one.fixed]) for label, choices in self.groups]
        return [(label, choices) for label, choices in found if choices]

    @property
    def fixed(self) -> list[Choice]:
        """What always reaches."""
        return [one for _label, choices in self.groups for one in choices if one.fixed]


@dataclass(frozen=True)
class Notice:
    """A notice in words, in the language in force."""

    id: Any
    words: str
    url: str
    times: int
    at: Any
    unread: bool
    community: Any


def memberships_of(user_id: int) -> QuerySet[Membership]:
    """Where a person is let in, by the community's name."""
    mine = Membership.objects.filter(user_id=user_id, status__in=ADMITTED, merged_into=None).select_related(
        "community"
    )
    return mine.order_by("community__name", "community_id")


def wishes(
    membership: Membership, off: set[tuple[str, str]] | None = None, daily: set[str] | None = None
) -> Wishes:
    """What the member has switched on and off, of the kinds that they can receive; `off` are (channel, kind) and `daily`
    the kinds that come once a day, both read here when not given."""
    if off is None:
        rows = OptOut.objects.filter(membership=membership).values_list("channel", "kind")
        off = set(rows)
    if daily is None:
        daily = set(DailyWish.objects.filter(membership=membership).values_list("kind", flat=True))
    groups: dict[int, list[Choice]] = {}
    for kind in mails.kinds:
        if not mails.reaches(kind, membership):
            continue
        groups.setdefault(kind.group, []).append(
            Choice(
                kind=kind,
                mail=_is_on(off, Channel.MAIL, kind) if kind.body else None,
                page=_is_on(off, Channel.PAGE, kind) if kind.notice else None,
                fixed=not kind.optional,
                daily=kind.key in daily if kind.can_wait else None,
            )
        )
    ordered = [(str(mails.Group(group).label), groups[group]) for group in sorted(groups)]
    return Wishes(membership, ordered)


def wishes_of_person(user_id: int) -> list[Wishes]:
    """The choices of a person in every community, in four queries however many there are."""
    memberships = list(memberships_of(user_id))
    off: dict[int, set[tuple[str, str]]] = {}
    for row in OptOut.objects.filter(membership__in=memberships):
        off.setdefault(row.membership_id or 0, set()).add((row.channel, row.kind))
    daily: dict[int, set[str]] = {}
    for wish in DailyWish.objects.filter(membership__in=memberships):
        daily.setdefault(wish.membership_id, set()).add(wish.kind)
    return [
        wishes(membership, off.get(membership.pk, set()), daily.get(membership.pk, set()))
        for membership in memberships
    ]


def quiet_hours(user_id: int) -> QuietHours | None:
    return QuietHours.objects.filter(user_id=user_id).first()


def _is_on(off: set[tuple[str, str]], channel: str, kind: MailKind) -> bool:
    return not kind.optional or not {(channel, kind.key), (channel, "")} & off


def is_reader(named: Mapping[str, Any]) -> bool:
    """Whether whom a letter's token names is still there; an address that is nobody's always is."""
    if named.get("m") is None:
        return bool(named.get("a")) and _community(named["c"]) is not None
    return Membership.objects.records_of(named["c"]).filter(pk=named["m"]).exists()


def sender(named: Mapping[str, Any]) -> str:
    """The name of the community that a token names."""
    return str(_community(named["c"]))


def _community(community_id: int) -> Any:
    model: Any = Message._meta.get_field("community").related_model
    return model.objects.filter(pk=community_id).first()


def unread(user_id: int, *, slug: str = "") -> int:
    """How many notices a person has not read, in all communities that let them in, or in one."""
    mine = Notification.objects.of_person(user_id).unread().filter(membership__status__in=ADMITTED)
    return (mine.filter(community__slug=slug) if slug else mine).count()


@dataclass(frozen=True)
class Notices:
    """One page of a person's notices; `before` and `after` are its neighbours' cursors."""

    rows: Sequence[Notice]
    before: str
    after: str


def notices(user_id: int, *, slug: str = "", fresh: bool = False, cursor: str = "") -> Notices:
    """One page of a person's notices, newest first: of one community where `slug` is given, the unread alone with `fresh`."""
    rows = notice_rows(user_id, slug=slug, fresh=fresh)
    page = keyset.page(rows, order=NOTICE_ORDER, size=NOTICES, cursor=cursor)
    return Notices([as_read(row) for row in page.rows], page.before, page.after)


def notice_rows(user_id: int, *, slug: str = "", fresh: bool = False) -> QuerySet[Notification]:
    """The rows of a person's notices, as `notices` finds them; `as_read` gives each its words."""
    mine = Notification.objects.of_person(user_id).filter(membership__status__in=ADMITTED)
    mine = mine.filter(kind__in=list(mails.kinds.keys())).select_related("community")
    if slug:
        mine = mine.filter(community__slug=slug)
    return mine.unread() if fresh else mine


def as_read(row: Notification) -> Notice:
    """The notice in the language in force."""
    words = {"community": row.community.name, **mails.gathered(row.words, len(row.actors) - 1)}
    return Notice(
        id=row.pk,
        words=mails.sentence(str(mails.get(row.kind).notice), words),
        url=row.url,
        # Said by how many did it, where each did it once.
        times=row.times if row.times > len(row.actors) else 1,
        at=row.at,
        unread=row.read_at is None,
        community=row.community,
    )


def dead(membership: Membership) -> list[DeadAddress]:
    """Of a member's addresses those that this community writes to no more."""
    addresses = {membership.email, membership.user.email if membership.user else ""} - {""}
    found = DeadAddress.objects.filter(
        community_id=membership.community_id, address__in=[address.lower() for address in addresses]
    )
    return list(found.order_by("address"))


def log(community_id: int, *, text: str = "", state: str = "") -> QuerySet[Message]:
    """What a community sent or meant to send, newest first, without the words; `text` is how the address begins, or
    what finds the member it went to."""
    rows = Message.objects.of(community_id).select_related("membership").defer("text", "html")
    if state:
        rows = rows.filter(state=state)
    if text:
        # Named one by one, so that each side of the "or" walks its index.
        found = Membership.objects.of(community_id).search(text).order_by("pk")
        members = list(found.values_list("pk", flat=True)[:MOST_NAMED])
        rows = rows.filter(Q(address__istartswith=text) | Q(membership_id__in=members))
    return rows


def log_page(rows: QuerySet[Message], *, cursor: str = "") -> keyset.Page[Message]:
    """One page of the log, newest first, in one query."""
    return keyset.page(rows, order=LOG_ORDER, size=LOG_PAGE, cursor=cursor)


def log_count(rows: QuerySet[Message]) -> Count:
    """How many letters those are, counted no further than `LOG_COUNT`."""
    many = rows.order_by().values("pk")[: LOG_COUNT + 1].count()
    return Count(min(many, LOG_COUNT), many > LOG_COUNT)


def kinds(community_id: int) -> list[tuple[str, list[tuple[MailKind, set[str]]]]]:
    """The kinds that have a letter, by group, each with the languages in which the community has its own words."""
    own: dict[str, set[str]] = {}
    for key, language in MailTemplate.objects.filter(community_id=community_id).values_list(
        "kind", "language"
    ):
        own.setdefault(key, set()).add(language)
    groups: dict[int, list[tuple[MailKind, set[str]]]] = {}
    for kind in mails.kinds:
        if kind.body and not kind.site:
            groups.setdefault(kind.group, []).append((kind, own.get(kind.key, set())))
    return [(str(mails.Group(group).label), groups[group]) for group in sorted(groups)]


def own_words(community_id: int, kind: str, language: str) -> MailTemplate | None:
    """The community's own words of a kind in a language, None where the usual ones are in force."""
    return MailTemplate.objects.filter(community_id=community_id, kind=kind, language=language).first()


def notice_url(user_id: int, notice_id: Any) -> str | None:
    """Where one of the person's notices leads; None when it is not theirs."""
    mine = Notification.objects.of_person(user_id).filter(pk=notice_id, membership__status__in=ADMITTED)
    found: str | None = mine.values_list("url", flat=True).first()
    return found
