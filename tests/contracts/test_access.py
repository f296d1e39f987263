"""Who may see what: the two forms of every rule, asked of ten thousand pairs, say the same.

A new rule needs a maker of its things here, or this fails.
"""

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import pytest
from django.db.models import Model

from communities import access as rules
from communities.models import (
    Appeal,
    Attachment,
    Case,
    Circle,
    CircleMembership,
    Comment,
    Community,
    Measure,
    Post,
)
from gatherings.models import Event, EventHost, Room, Ticket, TicketKind
from kernel import access
from members.models import Membership, Tier, User
from members.roles import Role, Status
from tests import make, once

pytestmark = pytest.mark.django_db

PAIRS = 10_000
SIDE = 100


def tiers_of(community: Community, dice: random.Random) -> list[Tier]:
    """Tiers of which some share a rank and some are hidden."""
    Tier.objects.of(community.pk).filter(memberships=None).delete()
    return Tier.objects.bulk_create(
        Tier(community=community, key=f"t{n}", name=f"T{n}", rank=dice.randrange(4), visible=n % 3 > 0)
        for n in range(SIDE // 2)
    )


def members_of(community: Community, tiers: list[Tier], dice: random.Random) -> list[Membership]:
    """Every status with every role, in any tier or none; of five one that nobody has claimed."""
    standings = list(product(Status.values, Role.values))
    users = User.objects.bulk_create(
        User(email=f"{community.slug}-{n}@example.org") for n in range(len(standings) + SIDE)
    )
    return Membership.objects.bulk_create(
        Membership(
            community=community,
            user=users[n] if dice.random() < 0.8 else None,
            number=100 + n,
            name=f"M{n}",
            status=standings[n % len(standings)][0],
            role=standings[n % len(standings)][1],
            tier=dice.choice([None, *tiers]),
            joined_at=make.EARLY,
            listed=dice.random() < 0.8,
        )
        for n in range(len(standings) + SIDE)
    )


def circles_of(community: Community, tiers: list[Tier], dice: random.Random) -> list[Circle]:
    return Circle.objects.bulk_create(
        Circle(
            community=community,
            slug=f"c{n}",
            name=f"C{n}",
            kind=dice.choice(Circle.Kind.values),
            archived_at=dice.choice([None, None, make.EARLY]),
            minimum_tier=dice.choice([None, None, *tiers]),
            position=n,
        )
        for n in range(SIDE // 2)
    )


def written_in(circles: list[Circle], members: list[Membership], dice: random.Random) -> None:
    """Posts of which some are hidden or taken back, and a comment below each."""
    posts = Post.objects.bulk_create(
        Post(
            circle=dice.choice(circles),
            author=dice.choice(members),
            body=f"P{n}",
            created_at=make.EARLY,
            last_at=make.EARLY,
            hidden_at=(hidden := dice.choice([None, None, make.EARLY])),
            # Some of what is hidden waits for approval.
            held_at=hidden and dice.choice([None, hidden]),
            removed_at=dice.choice([None, None, None, make.EARLY]),
        )
        for n in range(SIDE)
    )
    comments = Comment.objects.bulk_create(
        Comment(
            post=post,
            author=dice.choice(members),
            body="C",
            created_at=make.EARLY,
            hidden_at=dice.choice([None, None, make.EARLY]),
            removed_at=dice.choice([None, None, None, make.EARLY]),
        )
        for post in posts
    )
    Case.objects.bulk_create(
        Case(
            community_id=post.circle.community_id,
            circle=post.circle,
            post=post,
            author=post.author,
            opened_at=make.EARLY,
        )
        for post in posts
    )
    measures = Measure.objects.bulk_create(
        Measure(
            membership=post.author,
            kind=dice.choice(Measure.Kind.values),
            post=post,
            reason="x",
            at=make.EARLY,
            by=dice.choice([None, *members]),
        )
        for post in posts
    )
    Appeal.objects.bulk_create(Appeal(measure=measure, words="x", at=make.EARLY) for measure in measures)
    Attachment.objects.bulk_create(
        Attachment(
            community_id=author.community_id, author=author, size=1, media_type="application/pdf",
            created_at=make.EARLY, **of,
        )
        for n in range(SIDE)
        for author in [dice.choice(members)]
        for of in [dice.choice([{}, *[{"post": posts[n]}] * 3, *[{"comment": comments[n]}] * 3])]
    )  # fmt: skip


def gatherings_of(circles: list[Circle], members: list[Membership], dice: random.Random) -> None:
    """Gatherings of every state, of circles and of all, half of them with a host, and a ticket for each."""
    community = members[0].community
    tiers = list(Tier.objects.of(community.pk))
    events = Event.objects.bulk_create(
        Event(
            community=community,
            title=f"E{n}",
            state=dice.choice(Event.State.values),
            audience=dice.choice(Event.Audience.values),
            circle=dice.choice([None, *circles[:20]]),
            minimum_tier=dice.choice([None, None, *tiers]),
            starts_at=make.EARLY,
            timezone="UTC",
            currency="EUR",
            planned_at=make.EARLY,
            changed_at=make.EARLY,
        )
        for n in range(SIDE)
    )
    EventHost.objects.bulk_create(
        EventHost(event=event, membership=dice.choice(members)) for event in events if dice.random() < 0.5
    )
    for event in events:
        room = Room.objects.create(event=event, way=Room.Way.IN_PERSON)
        kind = TicketKind.objects.create(event=event, room=room)
        holder, buyer = dice.sample(members, 2)
        Ticket.objects.create(
            community=community, event=event, room=room, kind=kind, membership=holder, taken_by=buyer,
            state=Ticket.State.VALID, currency="EUR", made_at=make.EARLY,
        )  # fmt: skip


class World:
    """Two communities that look alike, with members of every sort in circles of every sort."""

    def __init__(self, dice: random.Random) -> None:
        self.members: list[Membership] = []
        for slug in ("here", "there"):
            community = make.community(slug)
            tiers = tiers_of(community, dice)
            members = members_of(community, tiers, dice)
            circles = circles_of(community, tiers, dice)
            pairs = {(dice.choice(circles).pk, dice.choice(members).pk) for _n in range(1500)}
            CircleMembership.objects.bulk_create(
                CircleMembership(
                    circle_id=circle, membership_id=member, joined_at=make.EARLY, is_host=dice.random() < 0.2
                )
                for circle, member in sorted(pairs)
            )
            written_in(circles, members, dice)
            gatherings_of(circles, members, dice)
            self.members += members

    def viewers(self, dice: random.Random) -> list[Membership | None]:
        """As each stands in the rows: what one test has one of them look up is no other's."""
        return [None, *map(copy.copy, dice.sample(self.members, SIDE - 1))]


def some(model: type[Model], dice: random.Random) -> Sequence[Model]:
    rows = list(model._default_manager.order_by("pk"))
    return dice.sample(rows, min(len(rows), SIDE))


THINGS: dict[str, Callable[[random.Random], Sequence[Model]]] = {
    "members.Tier": lambda dice: some(Tier, dice),
    "members.Membership": lambda dice: some(Membership, dice),
    "communities.Circle": lambda dice: some(Circle, dice),
    "communities.Post": lambda dice: some(Post, dice),
    "communities.Comment": lambda dice: some(Comment, dice),
    "communities.Appeal": lambda dice: some(Appeal, dice),
    "communities.Case": lambda dice: some(Case, dice),
    "communities.Attachment": lambda dice: some(Attachment, dice),
    "gatherings.Event": lambda dice: some(Event, dice),
    "gatherings.Ticket": lambda dice: some(Ticket, dice),
}
#: How a thing that is not the community's itself says where it is.
LIES_IN = {
    "communities.Post": "circle__community__slug",
    "communities.Appeal": "measure__membership__community__slug",
    "communities.Comment": "post__circle__community__slug",
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with once.made(django_db_blocker):
        yield World(random.Random(20261122))


@pytest.fixture
def dice() -> random.Random:
    return random.Random(20260301)


def test_every_rule_has_its_things_here():
    assert set(access.rules.keys()) == set(THINGS)


@pytest.mark.parametrize("label", THINGS)
def test_the_two_forms_of_a_rule_are_equal(label, world, dice):
    things = THINGS[label](dice)
    viewers = world.viewers(dice)
    rule, pairs, seen = access.rules.get(label), 0, 0
    rows = rule.model._default_manager.filter(pk__in=[thing.pk for thing in things])
    for viewer in viewers:
        listed = set(access.visible(rows, viewer).values_list("pk", flat=True))
        asked = {thing.pk for thing in things if access.sees(viewer, thing)}
        assert asked == listed, (label, viewer and (viewer.status, viewer.role, viewer.tier))
        pairs, seen = pairs + len(things), seen + len(asked)
    assert pairs == PAIRS
    # Rules that show all or nothing would be equal too.
    assert 0.02 * PAIRS < seen < 0.98 * PAIRS


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("label", THINGS)
def test_nothing_of_another_community_is_seen(label):
    owner = Membership.objects.get(community__slug="here", role=Role.OWNER, number=1)
    rows = access.rules.get(label).model._default_manager.all()
    where = LIES_IN.get(label, "community__slug")
    assert set(access.visible(rows, owner).values_list(where, flat=True)) == {"here"}


def test_who_reads_a_circle_is_said_from_either_side(world, dice):
    """`reads` of a member and a circle, and all who read one as SQL finds them."""
    members = dice.sample(world.members, SIDE)
    for circle in dice.sample(list(Circle.objects.select_related("minimum_tier").order_by("pk")), SIDE // 2):
        found = Membership.objects.filter(rules.readers_q(circle), pk__in=[one.pk for one in members])
        wanted = {one.number: one.pk for one in members if rules.reads(one, circle)}
        assert (circle.slug, {one.pk for one in found}) == (circle.slug, set(wanted.values()))
