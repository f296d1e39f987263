"""Putting a simulated year into the platform, through the doors that members and operators use.

People found, join, enter circles, talk and leave by the services, at the instants they did so. What they did in the
year has no words, so it comes in as a file of activities, by the importer.
"""

import csv
import io
from datetime import datetime, timedelta
from random import Random

from django.core.files.base import ContentFile
from django.db import transaction

from communities.models import Circle, Community, JoinQuestion
from communities.services import circle_hosts, circles, founding, joining
from communities.services import settings as community_settings
from crowdecon.demo import doors, dues, meetups, simulation, talk, trying
from crowdecon.demo.profiles import Profile
from crowdecon.demo.simulation import Year
from engagement.services import refresh, weekly
from kernel.clock import now
from members.actors import Actor
from members.models import Membership, User
from members.roles import Role
from members.services import imports, mail, memberships, profiles, standing

SEED = 7
STAFF_ROLES = (Role.MANAGER, Role.MODERATOR, Role.HOST)
BY = Actor.site("demo")


def stage(*, profile: Profile, owner: User, member: User, at: datetime) -> Community | None:
    """A demo community with its year, or None when its address is taken already.

    `owner` founds it; `member` is the first to join after the staff. People and what they are called come
    about in one transaction; should the file of acts be cut off, its import goes on by itself.
    """
    if Community.objects.filter(slug=profile.slug).exists():
        return None
    first_day = (at - timedelta(days=simulation.DAYS)).date()
    year = simulation.live(profile, first_day=first_day, until=at, seed=SEED)
    with transaction.atomic(), mail.withheld():
        community = _found(profile, year, owner)
        _people(community, profile, year, member)
    talk.begin(community=community, profile=profile, at=at, random=Random(f"{community.slug}:talk:{SEED}"))
    talk.exchange_messages(community=community, profile=profile, at=at)
    dues.begin(community=community, at=at, random=Random(f"{community.slug}:dues:{SEED}"))
    doors.spend(community=community, first_day=first_day, at=at)
    meetups.begin(community=community, at=at, random=Random(f"{community.slug}:meetups:{SEED}"))
    trying.invite(community=community, at=at, random=Random(f"{community.slug}:trying:{SEED}"))
    run = imports.begin(
        community=community,
        kind="activities",
        file=ContentFile(_activities(year), name="activities.csv"),
        filename="activities.csv",
        at=at,
        by=BY,
        foreground=True,
    )
    imports.carry_out(run_id=run.id, now=now)
    refresh.refresh(community_id=community.id, at=at)
    weekly.bring(community_id=community.id, at=at)
    return community


def _found(profile: Profile, year: Year, owner: User) -> Community:
    community = founding.found(
        name=profile.name,
        slug=profile.slug,
        type=profile.type,
        owner=owner,
        timezone=profile.timezone,
        language=profile.language,
        currency=profile.currency,
        tagline=profile.tagline,
        at=year.people[0].joined_at,
        by=BY,
    )
    return community_settings.update(
        community=community, description=profile.description, at=year.people[0].joined_at, by=BY
    )


def _people(community: Community, profile: Profile, year: Year, member: User) -> None:
    """Everyone joins and leaves in the order of time; numbers follow the order of joining, from 1."""
    random = Random(f"{community.slug}:{SEED}")
    opening = trying.Opening(community, Random(f"{community.slug}:trying:{SEED}"))
    rooms = list(Circle.objects.of(community.id))
    questions = list(community.join_questions.all())
    arrivals = doors.Arrivals(community, at=year.people[0].joined_at)
    here = {0: Membership.objects.of(community.id).get()}
    # Who opens a circle joined a while after the beginning, and not all at once.
    openings = {simulation.FIRST_MEMBER + 20 * n: told for n, told in enumerate(profile.circles)}

    def who(person: simulation.Person) -> User:
        if person.index == simulation.FIRST_MEMBER:
            return member
        if person.index < simulation.FOUNDING_STAFF:
            return _user(community, person)
        return opening.who(joins_at=person.joined_at, otherwise=lambda: _user(community, person))

    def join(person: simulation.Person) -> None:
        user = who(person)
        inviter = here[person.inviter] if person.inviter is not None else None
        invitation = arrivals.of(person, inviter) if person.index >= simulation.FOUNDING_STAFF else None
        membership = joining.join(
            community=community,
            user=user,
            answers=_answers(questions, random),
            at=person.joined_at,
            by=Actor.person(user),
            invited_by=inviter,
            channel=invitation.channel if invitation else "",
            campaign=invitation.campaign if invitation else "",
            name=person.name,
        )
        arrivals.come(membership, invitation, at=person.joined_at)
        profiles.present(
            membership=membership,
            at=person.joined_at,
            name=membership.name or person.name,
            city=person.city,
            interests=person.interests,
            introduction=person.introduction,
            shown=("introduction", "interests", "city") if person.introduction else ("interests",),
        )
        here[person.index] = membership
        if 0 < person.index < simulation.FOUNDING_STAFF:
            role = STAFF_ROLES[person.index - 1]
            memberships.change_role(membership=membership, role=role, at=person.joined_at, by=BY)
        for room in random.sample(rooms, random.randint(0, 2)):
            circles.join(circle=room, membership=membership, at=person.joined_at)
        if person.index in openings:
            name, description = openings[person.index]
            own = circle_hosts.open_own(
                community=community,
                name=name,
                description=description,
                at=person.joined_at,
                by=Actor.person(user, membership),
            )
            rooms.append(own)

    comings = [(person.joined_at, True, person) for person in year.people[1:]]
    goings = [(person.left_at, False, person) for person in year.people if person.left_at]
    for at, coming, person in sorted(comings + goings, key=lambda step: step[0]):
        if coming:
            join(person)
        else:
            standing.act("leave", membership=here[person.index], at=at, by=BY)


def _user(community: Community, person: simulation.Person) -> User:
    """A person nobody can sign in as: no password, and an address of a domain that cannot exist."""
    return User.objects.create_user(
        f"{community.slug}-{person.index + 1}@demo.invalid",
        None,
        name=person.name,
        language=community.language,
    )


def _answers(questions: list[JoinQuestion], random: Random) -> dict[int, object]:
    """Choices are drawn; free words are left out except where an answer is needed."""
    answers: dict[int, object] = {}
    for question in questions:
        if question.options:
            pick = random.choice(question.options)
            answers[question.pk] = [pick] if question.kind == JoinQuestion.Kind.SEVERAL else pick
        elif question.required:
            answers[question.pk] = "…"
    return answers


def _activities(year: Year) -> bytes:
    """The acts as a file of the importer's; members are named by their numbers here."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["id", "member", "verb", "occurred_at", "target", "object"])
    for position, act in enumerate(year.acts, start=1):
        target = f"#{act.target + 1}" if act.target is not None else ""
        rows.writerow([position, f"#{act.member + 1}", act.verb, act.at.isoformat(), target, act.object])
    return out.getvalue().encode()
