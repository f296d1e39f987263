"""Erasing: what says who somebody is goes, what happened stays under a bare number, and every figure is as before."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel import activity, person_data, sweeps
from kernel.errors import Refused
from kernel.locks import locked
from kernel.person_data import Person, Place
from members import pseudonyms
from members.actors import Actor
from members.models import ErasureRequest, Membership, MembershipChange, User
from members.roles import GONE, Status
from members.selectors import merged, standing_order
from members.services import audit, bans, erasures, import_reports, mail, powers, standing
from members.services.import_reports import Traces
from members.statuses import acts

State = ErasureRequest.State
#: In which a wish to be erased can be withdrawn.
WAIT = timedelta(days=3)
#: Who ends a membership so that it can be erased.
SITE = "Erasure"
ASKED, ASKED_HERE = "account.erasure_asked", "account.erasure_asked_here"
ERASED, ERASED_HERE = "account.erased", "account.erased_here"


@transaction.atomic
def ask(*, user: User, membership: Membership | None, typed: str, at: datetime, by: Actor) -> ErasureRequest:
    """Note a person's wish to be erased, in one community or altogether; it is carried out after `WAIT`.

    `typed` is what they call themselves, as a sign that they mean it. Raises `Refused`: when it is something
    else (`typed`), for the last owner of a community (`last_owner`) and when it has been asked already.
    """
    user = locked(User.objects.filter(pk=user.pk)).get()
    if membership is not None and membership.user_id != user.pk:
        raise ValueError("Nobody asks for another.")
    if typed.strip() != wanted_words(user):
        message = _("Type %(words)s as it stands there.") % {"words": wanted_words(user)}
        raise Refused(message, code="typed", field="typed")
    for one in [membership] if membership else _of(user):
        _guard_last_owner(one)
    try:
        with transaction.atomic():
            request = ErasureRequest.objects.create(
                user=user, membership=membership, asked_at=at, due_at=at + WAIT
            )
    except IntegrityError:
        raise Refused(_("You have asked for this already."), code="already_asked") from None
    for one in [membership] if membership else _of(user):
        _note("member.erasure_asked", one, at=at, by=by)
    mail.send(
        kind=ASKED_HERE if membership else ASKED,
        to=user.email,
        community=None,
        language=user.language,
        words={"place": str(membership.community)} if membership else {},
        at=at,
        url="/me/data/",
    )
    return request


@transaction.atomic
def withdraw(*, request: ErasureRequest, at: datetime, by: Actor) -> ErasureRequest:
    """Take the wish back; once it is carried out there is nothing to take back (`Refused`, `not_now`)."""
    request = locked(ErasureRequest.objects.filter(pk=request.pk)).get()
    if request.state != State.WAITING:
        raise Refused(_("This has been carried out or withdrawn already."), code="not_now")
    request.state, request.ended_at = State.WITHDRAWN, at
    request.save(update_fields=["state", "ended_at"])
    for one in [request.membership] if request.membership else _of(request.user):
        _note("member.erasure_withdrawn", one, at=at, by=by)
    return request


def carry_out_due(*, at: datetime) -> int:
    """Carry out the wishes whose time has come; how many. One that is not possible says so to who asked."""
    due = ErasureRequest.objects.filter(state=State.WAITING, due_at__lte=at).order_by("due_at", "pk")
    keys = list(due.values_list("pk", flat=True)[:500])
    return sweeps.each("Wish to be erased", keys, lambda pk: _carry_out(pk, at=at))


@transaction.atomic
def erase(*, membership: Membership, at: datetime, by: Actor, reason: str = "") -> Membership:
    """Erase one membership: it stays as a number with its status, which is `left` for who was still here.

    Raises `Refused` for the last owner (`last_owner`). Doing it twice changes nothing.
    """
    import_reports.hold(community_ids=[membership.community_id])
    erasures.hold(community_id=membership.community_id)
    membership = locked(Membership.objects.filter(pk=membership.pk)).get()
    if membership.erased_at is not None:
        return membership
    membership = _end(membership, at=at)
    user_id, actor = membership.user_id, by
    if user_id is not None and by.user is not None and by.user.pk == user_id:
        actor = Actor(words="", user=by.user)
    person = Person(None, (_place(membership),), _addresses(membership))
    traces = Traces(membership.external_id or "", membership.name, person.addresses)
    import_reports.forget(community_id=membership.community_id, traces=traces)
    _empty(membership, at=at)
    for holding in person_data.holdings:
        holding.erase(person, at)
    if user_id is not None:
        audit.forget_actor(user_id=user_id, community_id=membership.community_id)
    _note("member.erased", membership, at=at, by=actor, reason=reason)
    activity.announce("membership.powers_changed", membership=membership, at=at, by=actor)
    for record in merged.records([membership]):
        # What was merged into them is about the same person.
        erase(membership=record, at=at, by=actor, reason=reason)
    return membership


@transaction.atomic
def erase_unclaimed(*, membership: Membership, reason: str, at: datetime, by: Actor) -> Membership:
    """Erase, for staff, a record that nobody signs in to, at the wish of whom it is about.

    Raises `Refused` without a reason, for somebody who signs in (`claimed`: they ask for it themselves), and for
    an actor who may not change members any more.
    """
    if not reason.strip():
        raise Refused(_("Say why: it stays in the audit log."), code="required", field="reason")
    import_reports.hold(community_ids=[membership.community_id])
    erasures.hold(community_id=membership.community_id)
    membership, acting, _owners = powers.hold(membership, by)
    powers.guard(acting, "members.change")
    powers.guard_owner(membership, acting)
    if membership.user_id is not None:
        raise Refused(_("This member signs in: they ask for it themselves."), code="claimed")
    last = _Last.of(membership)
    membership = erase(membership=membership, at=at, by=by, reason=reason.strip()[:240])
    last.say(at=at)
    return membership


@transaction.atomic
def erase_person(*, user: User, at: datetime) -> User:
    """Erase a person in every community and their account. Raises `Refused` as `erase` does, having changed nothing."""
    user = locked(User.objects.filter(pk=user.pk)).get()
    import_reports.hold(community_ids=[one.community_id for one in _of(user)], user_id=user.pk)
    addresses = {user.email.lower(), *(address.lower() for address in _confirmed(user))}
    places = tuple(map(_place, _of(user)))
    for membership in _of(user):
        erase(membership=membership, at=at, by=Actor(words="", user=user))
    person = Person(user.pk, places, tuple(sorted(addresses)))
    for holding in person_data.holdings:
        holding.erase(person, at)
    get_adapter().end_sessions(list(UserSession.objects.filter(user=user)))
    UserSession.objects.filter(user=user).delete()
    return user


def wanted_words(user: User) -> str:
    """What a person types to show that they mean it."""
    return user.name.strip() or user.email


def _carry_out(pk: int, *, at: datetime) -> bool:
    try:
        with transaction.atomic():
            request = locked(ErasureRequest.objects.filter(pk=pk)).select_related("user", "membership").get()
            if request.state != State.WAITING:
                return False
            request.state, request.ended_at = State.DONE, at
            request.save(update_fields=["state", "ended_at"])
            if request.membership is not None:
                last = _Last.of(request.membership)
                erase(membership=request.membership, at=at, by=Actor(words="", user=request.user))
            else:
                last = _Last(request.user.email, request.user.language, "", f"user:{request.user.pk}")
                erase_person(user=request.user, at=at)
            last.say(at=at)
            return True
    except Refused as refusal:
        waiting = ErasureRequest.objects.filter(pk=pk, state=State.WAITING)
        waiting.update(state=State.REFUSED, ended_at=at, refusal=refusal.code[:40])
        return False


@dataclass(frozen=True)
class _Last:
    """The last letter to somebody, made up before they are erased: `place` is the community, empty for the site."""

    address: str
    language: str
    place: str
    name: str

    @classmethod
    def of(cls, membership: Membership) -> "_Last":
        user = membership.user
        place = str(membership.community)
        language = user.language if user else membership.community.language
        return cls(user.email if user else membership.email, language, place, f"member:{membership.pk}")

    def say(self, *, at: datetime) -> None:
        """Write it once. It belongs to no community, so that no log of one keeps whom it went to."""
        if self.address:
            mail.send(
                kind=ERASED_HERE if self.place else ERASED,
                to=self.address,
                community=None,
                language=self.language,
                words={"place": self.place},
                dedupe=f"erased:{self.name}",
                at=at,
            )


def _end(membership: Membership, *, at: datetime) -> Membership:
    """End what has not ended. Why it ended is nobody's business any more."""
    if membership.merged_into_id is not None:
        return membership
    for key in ("leave", "withdraw"):
        if membership.status in acts.get(key).sources:
            with mail.withheld():
                return standing.act(key, membership=membership, at=at, by=Actor.site(SITE))
    return membership


def _empty(membership: Membership, *, at: datetime) -> None:
    community_id, own_id = membership.community_id, membership.external_id
    banned = membership.status == Status.BANNED
    membership.erased_after = standing_order.before(membership) if own_id else None
    kept = _addresses(membership)[:1] if banned else ()
    membership.email = pseudonyms.of_mailbox(community_id, bans.mailbox(kept[0])) if kept else ""
    membership.external_id = pseudonyms.of_id(community_id, own_id) if own_id else None
    membership.user = None
    membership.erased_at = at
    membership.status_until = None
    membership.name = membership.city = membership.country = membership.introduction = ""
    membership.latitude = membership.longitude = None
    membership.interests, membership.tags, membership.shown, membership.answers = [], [], [], []
    membership.custom, membership.listed, membership.desk_columns = {}, False, None
    membership.sort_key = f"#{membership.number}"
    membership.name_key = membership.mailbox_key = ""
    membership.save()
    if own_id:
        # Others' histories name their inviter by the own id.
        others = MembershipChange.objects.filter(membership__community_id=community_id, kind="inviter")
        others.filter(before=own_id).update(before=f"#{membership.number}")
        others.filter(after=own_id).update(after=f"#{membership.number}")


def _guard_last_owner(membership: Membership) -> None:
    if membership.merged_into_id is not None:
        return
    _held, _acting, owners = powers.hold(membership, Actor.site(SITE))
    if membership.status not in GONE:
        powers.guard_last_owner(membership, owners)


def _note(action: str, membership: Membership, *, at: datetime, by: Actor, reason: str = "") -> None:
    audit.record(
        action=action,
        object_kind="member",
        object_id=membership.number,
        by=by,
        at=at,
        community_id=membership.community_id,
        after={"reason": reason} if reason else {},
    )


def _place(membership: Membership) -> Place:
    return Place(membership.community_id, membership.pk, membership.number)


def _addresses(membership: Membership) -> tuple[str, ...]:
    """The member's own address first, then those their person confirmed."""
    found = [membership.email, *(_confirmed(membership.user) if membership.user else ())]
    return tuple(dict.fromkeys(address.lower() for address in found if address))


def _confirmed(user: User) -> list[str]:
    return list(EmailAddress.objects.filter(user=user).values_list("email", flat=True))


def _of(user: User) -> list[Membership]:
    return list(Membership.objects.filter(user=user).order_by("community_id"))
