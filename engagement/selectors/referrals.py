"""Who brought whom, whom they invited, and by which way everybody came, in columns.

Instants are whole microseconds since 1970 in UTC. Members stand by the number of the record that is kept. A way is a channel
and a campaign, and a number here: its place in `ways`.
"""

from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from engagement.models import Spend
from engagement.packing import Whole
from engagement.selectors.money import code_of
from kernel import wire
from members.roles import STAFF_ROLES
from members.selectors import merged

#: Stands for nobody: no inviter, or nobody who came by an invitation yet.
NOBODY = -1
#: What has been so since joining is told as of then.
SINCE_JOINING = 0
#: A channel and a campaign; both are empty for who came by no invitation.
Way = tuple[str, str]
DIRECT: Way = ("", "")


class Inviters(NamedTuple):
    """Who is said to have brought `member`, since `at` (`SINCE_JOINING`, or when it was corrected): an `inviter`'s number or
    `NOBODY`. What is told last holds; who has no row was brought by nobody."""

    member: Whole
    inviter: Whole
    at: Whole


class Invitations(NamedTuple):
    """What was sent to somebody: by whom, when, by which way, and who `came` by it, or `NOBODY`. Opening a personal link is
    none: who came by one has an inviter without it."""

    member: Whole
    at: Whole
    way: Whole
    came: Whole

    def only(self, keep: NDArray[np.bool_]) -> "Invitations":
        return Invitations(self.member[keep], self.at[keep], self.way[keep], self.came[keep])


class Arrivals(NamedTuple):
    """By which way a member came. Who has no row came by none."""

    member: Whole
    way: Whole


class Roles(NamedTuple):
    """Since when a member has been of the staff (1), or not any more (0). Who has no row never was."""

    member: Whole
    at: Whole
    staff: Whole

    def staff_at(self, member: Whole, at: Whole) -> NDArray[np.bool_]:
        """Whether each of these was of the staff at its own instant; the rows stand by member and instant."""
        # What was told last by then: behind all that was told of those before, and of this one up to the instant.
        many = len(self.member)
        keys = np.concatenate([self.member, member])
        asked = np.concatenate([np.zeros(many, np.int64), np.ones(len(member), np.int64)])
        order = np.lexsort((asked, np.concatenate([self.at, at]), keys))
        held = np.maximum.accumulate(np.where(order < many, order, -1)) if len(order) else order
        found = np.zeros(len(member), bool)
        mine = order >= many
        row, last = order[mine] - many, held[mine]
        known = (last >= 0) & (keys[last] == member[row]) if len(last) else np.zeros(0, bool)
        found[row[known]] = self.staff[last[known]] == 1
        return found


class Spends(NamedTuple):
    """What a way cost, from its `first` local day to its `last`: in smallest units of a currency (its code)."""

    way: Whole
    first: Whole
    last: Whole
    amount: Whole
    currency: Whole


class Referrals(Protocol):
    """What a store hands over. Nothing in it is masked, and it may know of days after `as_of`."""

    @property
    def inviters(self) -> Inviters: ...

    @property
    def invitations(self) -> Invitations: ...

    @property
    def arrivals(self) -> Arrivals: ...

    @property
    def spends(self) -> Spends: ...

    @property
    def ways(self) -> list[Way]: ...

    @property
    def roles(self) -> Roles: ...


class StoredReferrals:
    """`Referrals` from memberships, their history and the facts of inviting. Each part is read when it is first asked for.

    Invitations are read from facts (docs/adr/0014): they stay when their letter is gone, and programs tell of some that no
    row is kept of.
    """

    def __init__(self, community_id: int) -> None:
        self.community_id = community_id
        self.given = {"community": community_id, "staff": sorted(STAFF_ROLES)}

    @cached_property
    def inviters(self) -> Inviters:
        """A record that was merged brought nobody: whom it brought, the other one has brought since ever."""
        member, inviter = wire.columns(_INVITERS, self.given, ("int4", "int4"))
        inviter = self._kept(inviter)
        who, at, before, after = wire.columns(_CORRECTED, self.given, ("int4", "timestamptz", "int4", "int4"))
        if not len(who):
            return Inviters(member, inviter, np.full(len(member), SINCE_JOINING))
        now = np.full(int(max(who.max(), member.max(initial=0))) + 1, NOBODY)
        now[member] = inviter
        first, last = np.insert(np.diff(who) != 0, 0, True), np.append(np.diff(who) != 0, True)
        # A merge may have settled on another one without a correction: what stands now has the last word.
        told = np.where(last, now[who], self._kept(after))
        steady = ~np.isin(member, who)
        return Inviters(
            np.concatenate([member[steady], who[first], who]),
            np.concatenate([inviter[steady], self._kept(before[first]), told]),
            np.concatenate([np.full(int(steady.sum() + first.sum()), SINCE_JOINING), at]),
        )

    @cached_property
    def invitations(self) -> Invitations:
        rows = self._sent
        member = np.concatenate([packed["member"] for _way, packed in rows]) if rows else np.zeros(0)
        at = np.concatenate([packed["at"] for _way, packed in rows]) if rows else np.zeros(0)
        came = np.concatenate([packed["came"] for _way, packed in rows]) if rows else np.zeros(0)
        return Invitations(
            self._kept(member.astype(np.int64)),
            at.astype(np.int64) + (wire.EPOCH_MICROSECONDS if rows else 0),
            self._repeated([(way, len(packed)) for way, packed in rows]),
            self._kept(came.astype(np.int64)),
        )

    @cached_property
    def arrivals(self) -> Arrivals:
        rows = self._came
        member = np.concatenate([packed for _way, packed in rows]) if rows else np.zeros(0)
        way = self._repeated([(way, len(packed)) for way, packed in rows])
        return Arrivals(member.astype(np.int64), way)

    @cached_property
    def ways(self) -> list[Way]:
        named = {way for way, _packed in self._sent} | {way for way, _packed in self._came}
        return sorted(named | {(channel, campaign) for channel, campaign, *_cost in self._spent})

    @cached_property
    def spends(self) -> Spends:
        code = {way: place for place, way in enumerate(self.ways)}
        rows = [
            (code[channel, campaign], first.toordinal(), last.toordinal(), amount, code_of(currency))
            for channel, campaign, first, last, amount, currency in self._spent
        ]
        return Spends(*np.array(rows, np.int64).reshape(-1, 5).T)

    @cached_property
    def _spent(self) -> list[tuple[Any, ...]]:
        rows = Spend.objects.of(self.community_id).standing().order_by("pk")
        return list(rows.values_list("channel", "campaign", "first", "last", "amount", "currency"))

    @cached_property
    def roles(self) -> Roles:
        return Roles(*wire.columns(_ROLES, self.given, ("int4", "timestamptz", "int4")))

    @cached_property
    def _sent(self) -> list[tuple[Way, NDArray[np.void]]]:
        """By way, what was sent; read of the days alone on which anything was, as the roll-ups know."""
        days = wire.columns(_DAYS, self.given, ("date",))[0]
        if not len(days):
            return []
        return [
            (_way(text), np.frombuffer(bytes(packed), _INVITATION))
            for text, packed in wire.blobs(_SENT, self.given)
        ]

    @cached_property
    def _came(self) -> list[tuple[Way, NDArray[np.void]]]:
        return [
            (_way(text), np.frombuffer(bytes(packed), ">i4"))
            for text, packed in wire.blobs(_CAME, self.given)
        ]

    def _repeated(self, rows: list[tuple[Way, int]]) -> Whole:
        code = {way: place for place, way in enumerate(self.ways)}
        return np.repeat(
            np.array([code[way] for way, _n in rows], np.int64), np.array([n for _way, n in rows], np.int64)
        )

    @cached_property
    def _stands_for(self) -> dict[int, int]:
        return merged.numbers(self.community_id)

    def _kept(self, member: Whole) -> Whole:
        if not self._stands_for:
            return member
        return np.array([self._stands_for.get(one, one) for one in member.tolist()], np.int64)


def _way(text: memoryview) -> Way:
    channel, _slash, campaign = bytes(text).decode().partition("/")
    return channel, campaign


_INVITATION = np.dtype([("member", ">i4"), ("at", ">i8"), ("came", ">i4")])
_INVITERS = """
    SELECT one.number, inviter.number FROM members_membership AS one
    JOIN members_membership AS inviter ON inviter.id = one.invited_by_id
    WHERE one.community_id = %(community)s AND one.merged_into_id IS NULL
"""
#: The history names an inviter by their own id or, who has none, by #number.
_NAMED = """coalesce((SELECT named.number FROM members_membership AS named
        WHERE named.community_id = %(community)s AND named.external_id = {0} AND {0} <> ''),
        CASE WHEN {0} ~ '^#[0-9]{{1,9}}$' THEN substr({0}, 2)::int END, -1)"""
_CORRECTED = f"""
    SELECT one.number, change.at, {_NAMED.format("change.before")}, {_NAMED.format("change.after")}
    FROM members_membershipchange AS change JOIN members_membership AS one ON one.id = change.membership_id
    WHERE one.community_id = %(community)s AND one.merged_into_id IS NULL AND change.kind = 'inviter'
    ORDER BY one.number, change.at, change.id
"""
_DAYS = """
    SELECT day FROM engagement_memberday WHERE community_id = %(community)s AND 'invited' = ANY(verbs)
"""
# A row a way: one value that holds all that was sent by it.
_SENT = """
    SELECT way, string_agg(int4send(member) || timestamptz_send(occurred_at) || int4send(came), ''::bytea)
    FROM (
        SELECT fact.member, fact.occurred_at, coalesce(fact.target, membership.number, -1) AS came,
            CASE WHEN object_kind = 'invitation' THEN substr(object_id, strpos(object_id, '/') + 1) ELSE '' END AS way
        FROM engagement_fact AS fact
        LEFT JOIN members_invitation AS invitation ON invitation.community_id = fact.community_id
            AND invitation.id = CASE WHEN object_kind = 'invitation' AND object_id ~ '^[0-9]{1,18}/'
                THEN split_part(object_id, '/', 1)::bigint END
        LEFT JOIN members_invitationuse AS used ON used.invitation_id = invitation.id
        LEFT JOIN members_membership AS membership ON membership.id = used.membership_id
        WHERE fact.community_id = %(community)s AND verb = 'invited' AND retracted_at IS NULL
        AND utc_day BETWEEN (
            SELECT min(day) - 1 FROM engagement_memberday
            WHERE community_id = %(community)s AND 'invited' = ANY(verbs)
        ) AND (
            SELECT max(day) + 1 FROM engagement_memberday
            WHERE community_id = %(community)s AND 'invited' = ANY(verbs)
        )
    ) AS sent GROUP BY way
"""
# Who joined by a file that told of no channel came by that of the invitation which a file of those says they took up.
_CAME = """
    SELECT way, string_agg(int4send(number), ''::bytea) FROM (
        SELECT one.number, CASE WHEN one.channel <> '' THEN one.channel || '/' || one.campaign
            ELSE coalesce(invitation.channel || '/' || invitation.campaign, '/') END AS way
        FROM members_membership AS one
        LEFT JOIN members_invitationuse AS used ON used.membership_id = one.id
        LEFT JOIN members_invitation AS invitation ON invitation.id = used.invitation_id
        WHERE one.community_id = %(community)s AND one.merged_into_id IS NULL
    ) AS came WHERE way <> '/' GROUP BY way
"""
# Staff are few: the changes of those alone who ever were. All are read once, as in `doings`.
_ROLES = """
    SELECT number, at, staff::int FROM (
        SELECT number, at, staff, id, bool_or(staff) OVER (PARTITION BY number) AS ever FROM (
            SELECT one.number, change.at, change.after = ANY(%(staff)s) AS staff, change.id
            FROM members_membershipchange AS change JOIN members_membership AS one ON one.id = change.membership_id
            WHERE one.community_id = %(community)s AND one.merged_into_id IS NULL AND change.kind = 'role'
            AND change.after <> ''
        ) AS each
    ) AS told WHERE ever ORDER BY number, at, id
"""
__all__ = [
    "DIRECT", "NOBODY", "SINCE_JOINING", "Arrivals", "Invitations", "Inviters", "Referrals", "Roles", "Spends",
    "StoredReferrals",
    "Way",
]  # fmt: skip
