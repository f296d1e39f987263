"""What is asked of who takes a place, and what they answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gatherings.models import Event, EventQuestion, Ticket, TicketKind
from gatherings.services import events, seats
from kernel import words
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership

#: So much is asked at most, so many choices a question has, and so long an answer is.
MOST, MOST_OPTIONS, LONGEST = 10, 20, 500
Kind = EventQuestion.Kind
#: What is chosen of a list.
CHOSEN = frozenset({Kind.CHOICE, Kind.SEVERAL})


@transaction.atomic
def ask(
    *,
    event: Event,
    text: str,
    kind: str,
    options: Sequence[str] = (),
    required: bool = False,
    at: datetime,
    by: Actor,
) -> EventQuestion:
    """Ask one more of who takes a place from now on. Raises `Refused` for no words (`text`), for a choice of fewer than two
    (`options`), too much (`too_many`), and for who does not look after the event (`not_allowed`)."""
    event = events.hold(event, events.acting_of(by))
    said = words.one_line(text)[:240]
    if not said:
        raise Refused(_("Write what you would like to know."), code="text", field="text")
    chosen = Kind(kind) in CHOSEN
    listed = list(dict.fromkeys(one for one in (words.one_line(each)[:120] for each in options) if one))
    if chosen and not 2 <= len(listed) <= MOST_OPTIONS:
        raise Refused(_("Name two answers at least, one on a line."), code="options", field="options")
    there = EventQuestion.objects.filter(event=event)
    if there.count() >= MOST:
        raise Refused(_("At most %(most)d questions.") % {"most": MOST}, code="too_many")
    last = there.order_by("-position").values_list("position", flat=True).first()
    made = EventQuestion.objects.create(
        event=event,
        position=(last or 0) + 1,
        text=said,
        kind=kind,
        options=listed if chosen else [],
        required=required,
    )
    events.record("event.changed", event, at=at, by=by, after={"question": said})
    return made


@transaction.atomic
def drop(*, event: Event, question: EventQuestion, at: datetime, by: Actor) -> None:
    """Ask this no more; what was answered stays on the tickets. Raises `Refused` (`not_allowed`)."""
    event = events.hold(event, events.acting_of(by))
    if EventQuestion.objects.filter(pk=question.pk, event=event).delete()[0]:
        events.record("event.changed", event, at=at, by=by, before={"question": question.text})


@transaction.atomic
def take(*, kind: TicketKind, member: Membership, given: Mapping[int, Any], at: datetime) -> Ticket:
    """Take a place that costs nothing, with the answers (by the question's key in the database). Raises `Refused` as
    `seats.take` and `answered`."""
    return seats.take(kind=kind, member=member, at=at, answers=answered(kind.event, given))


def answered(event: Event, given: Mapping[int, Any]) -> list[dict[str, Any]]:
    """The answers as a ticket keeps them: what was asked, and what was said, so that both stay as they were. Raises
    `Refused` for what must be answered and is not (`unanswered`), and for what is none of the answers (`answer`)."""
    kept = []
    for question in EventQuestion.objects.filter(event=event).order_by("position", "id"):
        said = _said(question, given.get(question.pk))
        if question.required and not said:
            told = _("Please answer: %(question)s") % {"question": question.text}
            raise Refused(told, code="unanswered", field=f"question_{question.pk}")
        if said:
            kept.append({"question": question.text, "answer": said})
    return kept


def _said(question: EventQuestion, value: Any) -> str | bool | list[str]:
    """The answer in the question's own form; nothing where there is none."""
    if question.kind == Kind.AGREEMENT:
        return value is True
    if question.kind == Kind.TEXT:
        return words.straight(str(value or "").replace("\x00", ""))[:LONGEST]
    asked = [value] if isinstance(value, str) else list(value or [])
    if any(one not in question.options for one in asked if one):
        told = _("Choose among the answers: %(question)s") % {"question": question.text}
        raise Refused(told, code="answer", field=f"question_{question.pk}")
    chosen = [one for one in question.options if one in asked]
    return chosen if question.kind == Kind.SEVERAL else (chosen[0] if chosen else "")
