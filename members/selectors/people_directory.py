"""The members' directory: who is in it, and of each what they show to other members and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from kernel import keyset
from kernel.tenancy import Community
from members import search
from members.access import listed_q
from members.custom_values import in_words, is_empty
from members.models import CustomField, Membership
from members.models.membership import MembershipQuerySet

PAGE_SIZE = 30
#: Counting stops here: beyond it the page says "more than".
COUNT_LIMIT = 1_000
#: What a member may show beside the name, each only where they have switched it on.
SHOWABLE = {
    "introduction": _("Introduction"),
    "interests": _("Interests"),
    "city": _("City"),
    "country": _("Country"),
    "email": _("E-mail address"),
}
BY_NAME = keyset.Order("sort_key", tie="number")


@dataclass(frozen=True)
class Person:
    """A member as other members see them: what they do not show is empty here."""

    number: int
    name: str
    introduction: str = ""
    interests: tuple[str, ...] = ()
    city: str = ""
    country: str = ""
    email: str = ""
    #: What they have in the fields of the community's own that all members see.
    custom: Mapping[str, Any] = field(default_factory=dict)
    #: The same as (name, words), in the order of the fields.
    told: tuple[tuple[str, str], ...] = ()

    @property
    def place(self) -> str:
        return ", ".join(part for part in (self.city, self.country) if part)


@dataclass(frozen=True)
class Wanted:
    """What is asked of the directory; what is empty does not narrow."""

    text: str = ""
    city: str = ""
    interest: str = ""


@dataclass(frozen=True)
class Page:
    people: list[Person]
    before: str
    after: str
    #: What the pager's template asks for.
    rows: list[Person]


def seen_fields(community_id: int) -> list[CustomField]:
    """The fields of the community's own that all members see of one another."""
    return list(CustomField.objects.of(community_id).seen_by_members())


def person(member: Membership, fields: Sequence[CustomField] | None = None) -> Person:
    """What the member shows, and has in the community's `fields` that all members see (read here when not given). A
    name is always shown; an id of another system never is."""
    shown = set(member.shown)
    fields = seen_fields(member.community_id) if fields is None else fields
    custom = {one.key: value for one in fields if not is_empty(value := member.custom.get(one.key))}
    return Person(
        number=member.number,
        name=name_of(member),
        introduction=member.introduction if "introduction" in shown else "",
        interests=tuple(member.interests) if "interests" in shown else (),
        city=member.city if "city" in shown else "",
        country=member.country if "country" in shown else "",
        email=member.email if "email" in shown else "",
        custom=custom,
        told=tuple((one.name, in_words(custom[one.key])) for one in fields if one.key in custom),
    )


def name_of(member: Membership) -> str:
    return member.name or f"#{member.number}"


def matching(*, community: Community, wanted: Wanted) -> MembershipQuerySet:
    """The members in the directory who fit: by name, and by the city or interest that they show themselves."""
    found: MembershipQuerySet = Membership.objects.of(community.id).filter(listed_q())
    if wanted.text:
        found = found.filter(search.condition(wanted.text, by_name=True))
    if wanted.city:
        found = found.filter(city__iexact=wanted.city.strip(), shown__contains=["city"])
    if wanted.interest:
        found = found.filter(interests__overlap=_writings(wanted.interest), shown__contains=["interests"])
    return found


def page(members: MembershipQuerySet, *, community_id: int, cursor: str = "") -> Page:
    """One page by name, in two queries."""
    found = keyset.page(narrow(members), order=BY_NAME, size=PAGE_SIZE, cursor=cursor)
    people = of_rows(found.rows, community_id)
    return Page(people, found.before, found.after, rows=people)


def narrow(members: MembershipQuerySet) -> MembershipQuerySet:
    """The members with no more read of them than may be shown."""
    return members.only("number", "name", "shown", "custom", *SHOWABLE)


def of_rows(members: Iterable[Membership], community_id: int) -> list[Person]:
    fields = seen_fields(community_id)
    return [person(member, fields) for member in members]


def count(members: MembershipQuerySet) -> tuple[int, bool]:
    """How many there are, and whether there are more than that."""
    many = members.order_by().values("pk")[: COUNT_LIMIT + 1].count()
    return min(many, COUNT_LIMIT), many > COUNT_LIMIT


def _writings(interest: str) -> list[str]:
    """How the same interest is written: in any case, as an index of whole words finds it."""
    word = interest.strip()
    return sorted({word, word.lower(), word.upper(), word.capitalize(), word.title()})
