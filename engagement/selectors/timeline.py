"""What one member did, in words: the facts of their timeline."""

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Replace

from commerce.models import Payment, Subscription
from communities.models import Circle, Community
from engagement import verbs
from engagement.models import Fact
from kernel import access
from kernel.activity import CONTRIBUTIONS, VERBS, VerbClass
from kernel.tenancy import TenantRequest
from kernel.timelines import Bound, Entry
from members.models import Membership, MembershipChange
from members.selectors import merged

#: Facts that members' services publish with a change of the membership, which stands on the timeline with its reason.
OF_CHANGES = ("joined", "left", "suspended", "resumed", "lapsed", "inviter_changed")
#: Facts that tell of money; who may see how much.
OF_MONEY = frozenset(verb for verb, verb_class in VERBS.items() if verb_class is VerbClass.MONEY)
MONEY = "money.view"
#: How the keys of our own rows are written.
OWN_KEY = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")


@dataclass(frozen=True)
class Deed:
    """One fact in words; `target` is a member's number and name."""

    words: str
    target: Membership | None
    circle: str
    object: str
    value: str


def read(request: TenantRequest, member: Membership, bound: Bound | None, most: int) -> Sequence[Entry]:
    """A member's facts with those of records that were merged into them, retracted ones left out, newest first, in
    at most four queries. Circles that the reader may not know of are not named."""
    return of_member(
        community=request.community,
        member=member,
        also=merged.numbers_of(member),
        money=request.membership.may(MONEY),
        circles=access.shown(Circle.objects.of(request.community.id), request),
        bound=bound,
        most=most,
    )


def of_member(
    *,
    community: Community,
    member: Membership,
    also: Sequence[int] = (),
    money: bool = False,
    circles: QuerySet[Circle] | None = None,
    bound: Bound | None = None,
    most: int,
) -> Sequence[Entry]:
    """`money` is of who may see it: payments and plans that are kept here are told to them by those who keep them, and
    not once more. To others facts of money say no amount. Of `circles` alone facts say where they happened: None has
    those that every member may know of."""
    facts = Fact.objects.of(community.id).valid().filter(member__in=[member.number, *also])
    changes = MembershipChange.objects.filter(membership=member, at=OuterRef("occurred_at"))
    facts = facts.exclude(Q(verb__in=OF_CHANGES) & Exists(changes))
    if money:
        facts = facts.exclude(Q(verb__in=OF_MONEY) & _kept(member))
    if bound is not None:
        facts = facts.filter(bound.q("occurred_at", "dedupe", uuid.UUID))
        facts = facts.filter(utc_day__lte=bound.at.astimezone(UTC).date())
    # The day comes first because the index walks the days: the instants within one are sorted on the way.
    known = Circle.objects.of(community.id).exclude(kind=Circle.Kind.SECRET) if circles is None else circles
    return _entries(community, facts.order_by("-utc_day", "-occurred_at", "-dedupe")[:most], money, known)


def _kept(member: Membership) -> Q:
    """That a fact is of a payment or of a plan of the member that is kept here."""
    found = Q()
    for kind, rows in (("payment", Payment.objects), ("subscription", Subscription.objects)):
        of_them = rows.filter(membership__in=merged.keys_of(member))
        written = Replace(Cast("key", TextField()), Value("-"), Value(""), output_field=TextField())
        found |= Q(Exists(of_them.alias(hex=written).filter(hex=OuterRef("object_id"))), object_kind=kind)
    return found


def _entries(community: Community, facts: Iterable[Fact], money: bool, told: QuerySet[Circle]) -> list[Entry]:
    facts = list(facts)
    numbers = {fact.target for fact in facts if fact.target is not None}
    circles = {fact.circle_id for fact in facts if fact.circle_id is not None}
    known = Membership.objects.records_of(community.id).filter(number__in=numbers) if numbers else ()
    people = {member.number: member for member in known}
    names = dict(told.filter(pk__in=circles).values_list("pk", "name")) if circles else {}
    return [_entry(fact, people, names, money) for fact in facts]


def _entry(fact: Fact, people: dict[int, Membership], circles: dict[int, str], money: bool) -> Entry:
    target = people.get(fact.target) if fact.target is not None and fact.target != fact.member else None
    deed = Deed(
        words=verbs.deed(fact.verb, target.display_name if target else ""),
        target=target,
        circle=circles.get(fact.circle_id, "") if fact.circle_id is not None else "",
        object=_object(fact),
        value=f"{fact.value.normalize():f}"
        if money and fact.value is not None and fact.verb in OF_MONEY
        else "",
    )
    return Entry(fact.occurred_at, fact.dedupe.hex, deed, "accent" if fact.verb in CONTRIBUTIONS else "")


def _object(fact: Fact) -> str:
    """What it was done with, as the system calls it that told of it; a key of our own tells a reader nothing."""
    if OWN_KEY.fullmatch(fact.object_id):
        return ""
    return " ".join(part for part in (fact.object_kind, fact.object_id) if part)
