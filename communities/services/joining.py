"""Joining a community by its policy: let in at once, put in the line for a place, or read by its staff first."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Application, Community
from communities.services import answers as judging
from communities.services import applications, questions, references
from communities.services.answers import Answered
from kernel import activity, dues, trials, words
from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor
from members.models import Membership, Tier, User
from members.roles import ADMITTED, Status
from members.services import accounts, bans, custom_fields, history, memberships, privacy, standing

#: After so long a person who was rejected may apply again.
AGAIN_AFTER = timedelta(days=30)
#: Statuses from which a person may come (back) by themselves.
OPEN_TO_JOIN = frozenset({Status.INVITED, Status.REJECTED, Status.WITHDRAWN, Status.LEFT})
#: Statuses of people whose application has come to no end.
ON_THE_WAY = frozenset({Status.APPLIED, Status.WAITING, Status.APPROVED, Status.AWAITING_PAYMENT})


@transaction.atomic
def join(
    *,
    community: Community,
    user: User,
    answers: Mapping[int, Any],
    custom: Mapping[str, Any] | None = None,
    at: datetime,
    by: Actor,
    invited: bool = False,
    invited_by: Membership | None = None,
    channel: str = "",
    campaign: str = "",
    tier: Tier | None = None,
    named: Sequence[str] = (),
    name: str = "",
) -> Membership:
    """Bring a person as far in as the community's policy lets them: the membership says how far that is.

    Open, or by invitation for who is `invited`: active, or awaiting payment where the tier has dues, or waiting
    for a place where it is full. By application: applied, or awaiting payment where dues come first. `answers`
    are by question id, `custom` is what they say in the member fields that are asked on joining, by key.
    `invited_by`, a member here, `channel`, `campaign` and `tier` are an invitation's; whether it opens the door is
    `invited` (see `arrivals.come_in`). `named` are the members whom the applicant names, by number or e-mail address;
    `name` is what they are called themselves, where they had not said so yet.

    Raises `Refused`: when the community does not let people in by themselves (`not_open`, `not_invited`), when
    an answer is missing or does not fit its question (field `question_<id>` or `custom_<id>`), for who is a member,
    has applied or was rejected lately (`already_member`, `already_applied`, `too_soon`), and for whose membership
    it ended.
    """
    if community.approved_at is None:
        raise Refused(_("This community opens once the site's staff have approved it."), code="not_open")
    if community.join_policy == Community.JoinPolicy.INVITATION and not invited:
        raise Refused(_("One joins this community by an invitation."), code="not_invited")
    answered = judging.judge(questions.put_to(community, user), answers)
    answered.fields.extend(custom_fields.answers(community_id=community.id, given=custom or {}))
    bans.keep_off(community.id)
    user = locked(User.objects.filter(pk=user.pk)).get()
    known = locked(Membership.objects.of(community.id).filter(user=user)).first()
    reviewed = community.join_policy == Community.JoinPolicy.APPLICATION
    _guard(community, user, known, reviewed, at)
    if name and not user.name:
        user = accounts.update_profile(user=user, name=name, language=user.language)
    tier = tier or _tier_of(community, known)
    fields = {"invited_by": invited_by, "channel": channel, "campaign": campaign, "tier": tier}
    if known is not None:
        _bring_up_to_date(known, answered, name=user.name, at=at, by=by, **fields)
    make = _Maker(community, user, known, answered, fields, at, by)
    membership = _apply(make, reviewed, tier)
    privacy.note(membership=membership, at=at)
    trials.joined(trials.JOIN_QUESTIONS, community_id=community.pk, user_id=user.pk, number=membership.number)
    stands_outside = membership.status not in ADMITTED
    if answered.files or (stands_outside and membership.status in ON_THE_WAY):
        _keep(make, membership, [name for name in named if name.strip()] if reviewed else [])
    return membership


@transaction.atomic
def take_place(*, membership: Membership, at: datetime, by: Actor) -> Membership:
    """Say yes to the place that is kept. Raises `Refused` when there is none (`not_now`)."""
    if by.membership is not None and by.membership.pk != membership.pk:
        raise ValueError("Nobody takes the place of another.")
    membership = locked(Membership.objects.filter(pk=membership.pk)).get()
    if membership.status != Status.APPROVED:
        raise Refused(_("This place is not kept any more."), code="not_now")
    return applications.move_on(membership, at=at, by=applications.in_person(by))


@transaction.atomic
def paid(*, membership: Membership, at: datetime, by: Actor) -> Membership:
    """The dues are paid: the member is in; where the decision comes after them, the application can be read now.

    Raises `Refused` when no payment was awaited (`not_now`).
    """
    membership = locked(Membership.objects.filter(pk=membership.pk)).get()
    application = locked(Application.objects.filter(membership=membership).undecided()).first()
    if membership.status != Status.AWAITING_PAYMENT:
        raise Refused(_("No payment is awaited for this membership."), code="not_now")
    if application is None:
        return standing.act("activate", membership=membership, at=at, by=by)
    if application.state == Application.State.UNPAID:
        application.state, application.paid_at = Application.State.OPEN, at
        application.save(update_fields=["state", "paid_at"])
        activity.announce("application.made", application=application, at=at, by=by)
    return membership


def can_apply_again(application: Application) -> datetime:
    """From when on somebody who was rejected may apply again."""
    return (application.decided_at or application.made_at) + AGAIN_AFTER


class _Maker:
    """What one joining is made of."""

    def __init__(
        self,
        community: Community,
        user: User,
        known: Membership | None,
        answered: Answered,
        fields: dict[str, Any],
        at: datetime,
        by: Actor,
    ) -> None:
        self.community, self.user, self.known = community, user, known
        self.answered, self.fields, self.at, self.by = answered, fields, at, by

    def begin(self, status: str) -> Membership:
        """A new membership in that status. Raises `Refused` (`full`) for one that takes a place there is none of."""
        return memberships.begin(
            community=self.community,
            user=self.user,
            at=self.at,
            by=self.by,
            status=status,
            answers=self.answered.kept,
            custom=self.answered.custom,
            **self.fields,
        )

    def act(self, key: str, membership: Membership, by: Actor | None = None) -> Membership:
        return standing.act(key, membership=membership, at=self.at, by=by or self.by)


def _apply(make: _Maker, reviewed: bool, tier: Tier | None) -> Membership:
    owed = dues.asked(tier.pk if tier else None)
    if not reviewed:
        return _let_in(make, tier, owed)
    membership = make.begin(Status.APPLIED) if make.known is None else make.act("apply", make.known)
    if owed and make.community.dues_first:
        return make.act("ask_payment", membership, applications.in_person(make.by))
    return membership


def _let_in(make: _Maker, tier: Tier | None, owed: bool) -> Membership:
    """As far as it goes without a decision: active, awaiting payment, or in the line for a place."""
    line = applications.is_there_a_line(tier)
    if make.known is None:
        begin = Status.AWAITING_PAYMENT if owed else Status.ACTIVE
        if not line:
            try:
                with transaction.atomic():
                    return make.begin(begin)
            except Refused as refusal:
                if refusal.code != "full":
                    raise
        return make.begin(Status.WAITING)
    if make.known.status == Status.LEFT and not (owed or line):
        try:
            with transaction.atomic():
                return make.act("return", make.known)
        except Refused as refusal:
            if refusal.code != "full":
                raise
    applied = make.act("apply", make.known)
    return applications.admit(applied, at=make.at, by=applications.in_person(make.by))[0]


def _keep(make: _Maker, membership: Membership, named: list[str]) -> Application:
    state = applications.state_of(membership.status, community=make.community, before="")
    waits = state == Application.State.WAITING
    application = Application.objects.create(
        community=make.community,
        membership=membership,
        state=state,
        answers=make.answered.told,
        named=[name.strip()[:254] for name in named[: make.community.references_asked]],
        made_at=make.at,
        waiting_since=make.at if waits else None,
    )
    judging.keep_files(application, make.answered)
    references.ask(application=application, at=make.at)
    if application.state == Application.State.OPEN:
        activity.announce("application.made", application=application, at=make.at, by=make.by)
    return application


def _tier_of(community: Community, known: Membership | None) -> Tier | None:
    return (known.tier if known else None) or (Tier.objects.of(community.id).filter(is_default=True).first())


def _bring_up_to_date(
    known: Membership, answered: Answered, *, name: str, at: datetime, by: Actor, **fields: Any
) -> None:
    """Who comes again answers again; who brought them is fixed with the first joining."""
    known.answers = answered.kept or known.answers
    known.custom = {**known.custom, **answered.custom}
    if fields["tier"] is not None and fields["tier"].pk != known.tier_id:
        before = known.tier.key if known.tier else ""
        history.note(known, history.Kind.TIER, before=before, after=fields["tier"].key, at=at, by=by)
        known.tier = fields["tier"]
    changed = ["answers", "custom", "tier"]
    inviter = fields["invited_by"]
    brought = (inviter is not None and inviter.pk != known.pk) or fields["channel"]
    if brought and known.invited_by_id is None and not known.channel and not history.has_joined(known):
        known.invited_by, known.channel, known.campaign = inviter, fields["channel"], fields["campaign"]
        changed += ["invited_by", "channel", "campaign"]
    if name and not known.name:
        known.name = name
        memberships.save(known, [*changed, "name"])
    else:
        known.save(update_fields=changed)


def _guard(community: Community, user: User, known: Membership | None, reviewed: bool, at: datetime) -> None:
    ended = Refused(_("This community has ended your membership; its staff can take you back."), code="ended")
    if known is None:
        bans.guard(user=user, community=community)
        return
    if known.status in ADMITTED:
        raise Refused(_("You are a member already."), code="already_member")
    if known.status in ON_THE_WAY:
        raise Refused(_("You have applied already: see where it stands."), code="already_applied")
    if known.status not in OPEN_TO_JOIN:
        raise ended
    bans.guard(user=user, community=community)
    last = Application.objects.filter(membership=known).order_by("-id").first()
    if reviewed and known.status == Status.REJECTED and last and at < can_apply_again(last):
        day = words.day(can_apply_again(last).astimezone(community.zone))
        raise Refused(_("You can apply again from %(day)s on.") % {"day": day}, code="too_soon")
