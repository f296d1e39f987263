"""By which doors people come to the demo communities, and what those cost: links of the operators', members' own links, and
word of mouth, which has no link.

By the services that operators and members use. The dice are of each person's own, so that who comes by which door leaves the
year itself as it is.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from communities.models import Community
from crowdecon.demo.simulation import Person
from engagement.services import spends
from engagement.services.spends import Cost
from kernel.clock import local_day
from kernel.money import Money
from members.actors import Actor
from members.models import Invitation, Membership
from members.selectors import invitations as found
from members.selectors.invitations import State
from members.services import invitations

BY = Actor.site("demo")
#: A cost is entered for half a year at a time.
PARTS = 2
PERSONAL = Invitation.Kind.PERSONAL


@dataclass(frozen=True)
class Door:
    """A link of the operators': which share of those who come from outside come by it, and what half a year of it costs, in the
    smallest units of the community's currency."""

    channel: str
    campaign: str
    share: float
    half: int
    note: str


@dataclass(frozen=True)
class Doors:
    """`thanks` is what half a year of small gifts to those who bring others costs, `why` how the note calls them."""

    links: tuple[Door, ...]
    thanks: int
    why: str


#: By the community's address.
DOORS = {
    "lantern": Doors(
        (
            Door("newsletter", "", 0.3, 9_000, "Sending the newsletter"),
            Door("poster", "libraries", 0.15, 12_500, "Posters in libraries"),
        ),
        4_500,
        "Bookmarks for who brought a friend",
    ),
    "dawn-runners": Doors(
        (
            Door("wechat", "晨跑计划", 0.35, 60_000, "公众号推广"),
            Door("poster", "公园", 0.15, 32_000, "公园海报"),
        ),
        24_000,
        "送给带朋友来的跑友的毛巾",
    ),
    "yunwu-tea": Doors(
        (
            Door("wechat", "春茶", 0.35, 90_000, "公众号推广"),
            Door("shop", "", 0.25, 36_000, "店里的二维码卡片"),
        ),
        30_000,
        "送给老客的茶样",
    ),
    "proof-by-friends": Doors(
        (
            Door("newsletter", "", 0.3, 15_000, "Sending the newsletter"),
            Door("talk", "campus", 0.2, 22_000, "Rooms and coffee for talks"),
        ),
        6_000,
        "Notebooks for who brought a friend",
    ),
    "grid-workshop": Doors(
        (
            Door("forum", "", 0.35, 8_000, "A banner in the forum"),
            Door("fair", "makers", 0.15, 26_000, "A stand at the fair"),
        ),
        5_000,
        "Stickers for who brought a friend",
    ),
}


class Arrivals:
    """The doors of one community: opened as it begins, and gone through by who comes."""

    def __init__(self, community: Community, *, at: datetime) -> None:
        self.community = community
        self.doors = DOORS[community.slug]
        self.links = [
            invitations.create_link(
                community=community, channel=door.channel, campaign=door.campaign, at=at, by=BY
            )
            for door in self.doors.links
        ]

    def of(self, person: Person, inviter: Membership | None) -> Invitation | None:
        """What this one comes by: whoever brings them gives them their own link."""
        if inviter is not None:
            may = found.may_invite(inviter, self.community)
            return invitations.personal(membership=inviter, at=person.joined_at) if may else None
        dice = Random(f"{self.community.slug}:{person.index}:door").random()
        for door, link in zip(self.doors.links, self.links, strict=True):
            dice -= door.share
            if dice < 0:
                return link
        return None

    def come(self, membership: Membership, invitation: Invitation | None, *, at: datetime) -> None:
        """Count that they came by it, where it still opened the door: who left meanwhile invites nobody any more."""
        if invitation is None:
            return
        row = found.whole(Invitation.objects.filter(pk=invitation.pk)).get()
        if found.state(row, at) == State.OPEN:
            invitations.used(invitation=row, membership=membership, at=at)


def spend(*, community: Community, first_day: date, at: datetime) -> None:
    """What the doors cost, half a year at a time, until the day of `at`."""
    doors, today = DOORS[community.slug], local_day(at, community.zone)
    asked = [(door.channel, door.campaign, door.half, door.note) for door in doors.links]
    asked.append((PERSONAL, "", doors.thanks, doors.why))
    days = (today - first_day).days + 1
    for half in range(PARTS):
        first = first_day + timedelta(days=days * half // PARTS)
        last = first_day + timedelta(days=days * (half + 1) // PARTS - 1)
        for channel, campaign, amount, note in asked:
            cost = Cost(channel, campaign, first, last, Money(amount, community.currency), note)
            spends.add(community=community, cost=cost, at=at, by=BY)
