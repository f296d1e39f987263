"""What newcomers are asked on joining, and by what rules they join: set by staff."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Community, JoinQuestion
from kernel import locks
from kernel.errors import Refused
from members.actors import Actor
from members.services import audit, powers

FIELDS = ("text", "kind", "options", "required")
RULES = ("references_asked", "dues_first")
MOST_QUESTIONS = 40
MOST_OPTIONS = 30
MOST_REFERENCES = 5
CHOSEN = frozenset({JoinQuestion.Kind.CHOICE.value, JoinQuestion.Kind.SEVERAL.value})


@transaction.atomic
def create(*, community: Community, at: datetime, by: Actor, **fields: Any) -> JoinQuestion:
    """Ask one more question, behind the others; `FIELDS` may be given. Raises `Refused` for fields that do not fit."""
    powers.require(by, "settings.change")
    _lock(community)
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
    powers.require(by, "settings.change")
    _lock(question.community)
    rows = list(JoinQuestion.objects.filter(community=question.community))
    order = [row.pk for row in rows]
    if question.pk not in order:
        return
    here = order.index(question.pk)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(rows):
        return
    rows[here], rows[there] = rows[there], rows[here]
    for position, row in enumerate(rows):
        row.position = position
    JoinQuestion.objects.bulk_update(rows, ["position"])
    _record("question.moved", question, at=at, by=by, before={"place": here + 1}, after={"place": there + 1})


@transaction.atomic
def delete(*, question: JoinQuestion, at: datetime, by: Actor) -> None:
    """Ask it no longer; answers that were given stay."""
    powers.require(by, "settings.change")
    _record("question.deleted", question, at=at, by=by, before=_shown(question))
    question.delete()


@transaction.atomic
def set_rules(*, community: Community, at: datetime, by: Actor, **rules: Any) -> Community:
    """Set `RULES`: how many members an applicant may name, and whether dues come before the decision."""
    unknown = set(rules) - set(RULES)
    if unknown:
        raise ValueError(f"No rules of joining: {', '.join(sorted(unknown))}")
    powers.require(by, "settings.change")
    if not 0 <= rules.get("references_asked", 0) <= MOST_REFERENCES:
        message = _("Between 0 and %(most)d members can be named.") % {"most": MOST_REFERENCES}
        raise Refused(message, code="range", field="references_asked")
    community = locks.locked(Community.objects.filter(pk=community.pk)).get()
    before, after = audit.changed({name: getattr(community, name) for name in rules}, rules)
    if after:
        for name, value in after.items():
            setattr(community, name, value)
        community.save(update_fields=list(after))
        audit.record(
            action="community.settings_changed",
            object_kind="community",
            object_id=community.slug,
            by=by,
            at=at,
            community_id=community.id,
            before=before,
            after=after,
        )
    return community


def _lock(community: Community) -> None:
    locks.advisory(name="communities.questions", key=community.id)


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
