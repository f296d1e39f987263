"""What newcomers are asked on joining: set by staff."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Community, JoinQuestion
from kernel import locks, trials
from kernel.errors import Refused
from kernel.trials import Unit
from members.actors import Actor
from members.models import Membership, User
from members.services import audit, history, powers

FIELDS = ("text", "kind", "options", "required")
MOST_QUESTIONS = 40
MOST_OPTIONS = 30
CHOSEN = frozenset({JoinQuestion.Kind.CHOICE.value, JoinQuestion.Kind.SEVERAL.value})


@transaction.atomic
def create(*, community: Community, at: datetime, by: Actor, **fields: Any) -> JoinQuestion:
    """Ask one more question, behind the others; `FIELDS` may be given. Raises `Refused` for fields that do not fit."""
    powers.require(by, "settings.change")
    _lock(community)
    _guard_not_tried(community.pk)
    here = JoinQuestion.objects.filter(community=community)
    if here.count() >= MOST_QUESTIONS:
        raise Refused(_("At most %(most)d questions.") % {"most": MOST_QUESTIONS}, code="too_many")
    last = here.last()
    question = JoinQuestion(community=community, position=last.position + 1 if last else 0, **fields)
    _guard(question)
    question.save()
    _record("question.created", question, at=at, by=by, after=_shown(question))
    return question


@transaction.atomic
def update(*, question: JoinQuestion, at: datetime, by: Actor, **fields: Any) -> JoinQuestion:
    """Put a question otherwise; answers that were given stand with the question as it was asked."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise ValueError(f"Not fields of a question: {', '.join(sorted(unknown))}")
    powers.require(by, "settings.change")
    question = locks.locked(JoinQuestion.objects.filter(pk=question.pk)).get()
    _guard_not_tried(question.community_id)
    before, after = audit.changed({name: getattr(question, name) for name in fields}, fields)
    for name, value in after.items():
        setattr(question, name, value)
    _guard(question)
    if after:
        question.save(update_fields=list(after))
        _record("question.changed", question, at=at, by=by, before=before, after=after)
    return question


@transaction.atomic
def move(*, question: JoinQuestion, up: bool, at: datetime, by: Actor) -> None:
    """Ask it one place earlier or later; at the end of the list nothing changes."""
    _put(question, lambda here: here - 1 if up else here + 1, at=at, by=by)


@transaction.atomic
def place(*, question: JoinQuestion, to: int, at: datetime, by: Actor) -> None:
    """Ask it as the first (0), second (1) ...; the last for more than there are."""
    _put(question, lambda _here: to, at=at, by=by)


@transaction.atomic
def delete(*, question: JoinQuestion, at: datetime, by: Actor) -> None:
    """Ask it no longer; answers that were given stay."""
    powers.require(by, "settings.change")
    question = locks.locked(JoinQuestion.objects.filter(pk=question.pk)).get()
    _guard_not_tried(question.community_id)
    _record("question.deleted", question, at=at, by=by, before=_shown(question))
    question.delete()


def _put(question: JoinQuestion, to: Callable[[int], int], *, at: datetime, by: Actor) -> None:
    powers.require(by, "settings.change")
    _lock(question.community)
    _guard_not_tried(question.community_id)
    rows = list(JoinQuestion.objects.filter(community=question.community))
    order = [row.pk for row in rows]
    if question.pk not in order:
        return
    here = order.index(question.pk)
    there = min(max(to(here), 0), len(rows) - 1)
    if there == here:
        return
    rows.insert(there, rows.pop(here))
    for position, row in enumerate(rows):
        row.position = position
    JoinQuestion.objects.bulk_update(rows, ["position"])
    _record("question.moved", question, at=at, by=by, before={"place": here + 1}, after={"place": there + 1})


def hold(community_id: int) -> None:
    """Nobody else changes the questions, asks more or orders them until the end of the transaction."""
    locks.advisory(name="communities.questions", key=community_id)
    list(locks.locked(JoinQuestion.objects.filter(community_id=community_id).order_by("pk")))


def opened(*, community: Community, user: User, membership: Membership | None, at: datetime) -> None:
    """Let what is tried be tried on who opens the form and never was a member."""
    if membership is None or not history.has_joined(membership):
        trials.assign(trials.JOIN_QUESTIONS, community_id=community.pk, unit=Unit(user_id=user.pk), at=at)


def put_to(community: Community, user: User) -> list[JoinQuestion]:
    """What this person is asked: the community's questions, put otherwise or left out where that is tried on them."""
    rows = list(JoinQuestion.objects.filter(community=community))
    found = trials.words(trials.JOIN_QUESTIONS, community_id=community.pk, unit=Unit(user_id=user.pk))
    tried = {piece.key: piece for piece in found or []}
    asked = []
    for row in rows:
        piece = tried.get(f"question.{row.pk}")
        if piece is not None:
            if not piece.asked:
                continue
            row.text, row.required = piece.text, bool(piece.required)
        asked.append(row)
    return asked


def _lock(community: Community) -> None:
    locks.advisory(name="communities.questions", key=community.pk)


def _guard_not_tried(community_id: int) -> None:
    trials.guard(trials.JOIN_QUESTIONS, community_id=community_id)


def _guard(question: JoinQuestion) -> None:
    if question.kind not in JoinQuestion.Kind.values:
        raise Refused(_("There is no such kind of question."), code="unknown", field="kind")
    if question.kind not in CHOSEN:
        question.options = []
        return
    options = list(dict.fromkeys(question.options))
    if not 2 <= len(options) <= MOST_OPTIONS or any(len(option) > 120 for option in options):
        message = _("Between 2 and %(most)d different answers, of 120 characters each, to choose from.")
        raise Refused(message % {"most": MOST_OPTIONS}, code="invalid", field="options")
    question.options = options


def _shown(question: JoinQuestion) -> dict[str, Any]:
    return {name: getattr(question, name) for name in FIELDS}


def _record(action: str, question: JoinQuestion, *, at: datetime, by: Actor, **values: Any) -> None:
    audit.record(
        action=action,
        object_kind="question",
        object_id=question.pk,
        by=by,
        at=at,
        community_id=question.community_id,
        **values,
    )
