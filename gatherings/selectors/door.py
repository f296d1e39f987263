"""The list at the door: who has a place, who answered what, who waits, who has come."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext

from gatherings.models import Attendance, Event, Ticket, Waiting
from kernel import access, keyset, words
from kernel.keyset import Order, Page
from members.access import is_on_duty
from members.models import Membership
from members.roles import ADMITTED
from members.search import condition

PAGE, FOUND = 100, 8
BY_NAME = Order("sort_key", tie="number")
Answer = Attendance.Answer
PARTS = ("coming", "missing", "came", "maybe", "no", "waiting")


def parts(event: Event) -> dict[str, Q]:
    """The parts of the list, by the condition on who stands in it. A yes of our own has a ticket; one that a file told
    has none."""
    coming = Q(way__isnull=False)
    if event.external_id is not None:
        coming |= Q(said=Answer.YES)
    came = Q(came_at__isnull=False)
    return {
        "coming": coming,
        "missing": coming & ~came,
        "came": came,
        "maybe": Q(said=Answer.MAYBE) & ~came,
        "no": Q(said=Answer.NO) & ~came,
        "waiting": Q(turn__isnull=False),
    }


def people(event: Event) -> QuerySet[Any]:
    """Everybody who has anything to do with the event: what they `said`, the way of coming they have a place for (`way`)
    and what they `answered` to what was asked, since when they wait (`turn`), when they came (`came_at`) and who let them in
    (`seen_by`)."""
    theirs = {"event": event, "membership": OuterRef("pk")}
    row = Attendance.objects.filter(**theirs)
    ticket = Ticket.objects.filter(**theirs, state=Ticket.State.VALID)
    turn = Waiting.objects.filter(**theirs, state__in=Waiting.LIVE)
    known = Q(Exists(row)) | Q(Exists(ticket)) | Q(Exists(turn))
    return (
        Membership.objects.records_of(event.community_id)
        .filter(known, merged_into=None)
        .annotate(
            said=Subquery(row.values("answer")[:1]),
            came_at=Subquery(row.values("came_at")[:1]),
            seen_by=Subquery(row.values("seen_by__name")[:1]),
            way=Subquery(ticket.values("room__way")[:1]),
            answered=Subquery(ticket.values("answers")[:1]),
            turn=Subquery(turn.values("since")[:1]),
        )
    )


def page(event: Event, viewer: Membership, *, part: str, text: str = "", cursor: str = "") -> Page[Any]:
    """One page of the list by name: of one part of it (`parts`), or of all, and of whom the words fit."""
    rows = people(event)
    if part in PARTS:
        rows = rows.filter(parts(event)[part])
    if text:
        rows = rows.filter(_fits(text, viewer))
    found = keyset.page(rows, order=BY_NAME, size=PAGE, cursor=cursor)
    _tell(found.rows)
    return found


def one(event: Event, number: int) -> Any:
    """One row of the list, None for who is not on it."""
    found = list(people(event).filter(number=number))
    _tell(found)
    return found[0] if found else None


def counts(event: Event) -> dict[str, int]:
    """How many stand in each part of the list."""
    return people(event).aggregate(
        **{part: Count("pk", filter=condition) for part, condition in parts(event).items()}
    )


def sheet_header(event: Event) -> list[str]:
    """The columns of the list as a file: the questions, those asked no more too, as they were asked."""
    return ["member", "name", "answer", "way", "came_at", "let_in_by", "waiting_since", *_asked(event)]


def sheet_rows(event: Event) -> Iterator[list[Any]]:
    """The whole list by name, a row for each."""
    asked = _asked(event)
    for one in people(event).order_by("sort_key", "number").iterator(chunk_size=500):
        said = {each["question"]: each["answer"] for each in one.answered or []}
        instants = [at.isoformat() if at else "" for at in (one.came_at, one.turn)]
        row = [
            one.number,
            one.display_name,
            one.said or "",
            one.way or "",
            instants[0],
            one.seen_by or "",
            instants[1],
        ]
        yield [*row, *(_cell(said.get(question, "")) for question in asked)]


def _tell(rows: Sequence[Any]) -> None:
    """Give each their answers in words: what was asked, what was said (`told`)."""
    for one in rows:
        one.told = [(each["question"], _words(each["answer"])) for each in one.answered or []]


def _words(said: Any) -> str:
    if isinstance(said, list):
        return words.listed(said)
    return (gettext("Yes") if said else gettext("No")) if isinstance(said, bool) else str(said)


def _asked(event: Event) -> list[str]:
    now_asked = event.questions.order_by("position", "id").values_list("text", flat=True)
    valid = Ticket.objects.filter(event=event, state=Ticket.State.VALID).exclude(answers=[])
    answered = (each["question"] for answers in valid.values_list("answers", flat=True) for each in answers)
    return list(dict.fromkeys([*now_asked, *answered]))


def _cell(said: Any) -> str:
    if isinstance(said, list):
        return "; ".join(said)
    return ("yes" if said else "") if isinstance(said, bool) else str(said)


def others(event: Event, viewer: Membership, text: str) -> list[Membership]:
    """Members who are not on the list and whom the words fit, to be let in all the same: whom the directory shows the
    viewer, everybody for who sees all members, and anybody by their number."""
    if not text:
        return []
    here = Membership.objects.of(event.community_id).filter(status__in=sorted(ADMITTED))
    shown = here if is_on_duty(viewer) else access.visible(here, viewer)
    by_words = Q(pk__in=shown.filter(_fits(text, viewer)).order_by().values("pk"))
    found = here.filter(by_words | Q(number=_number(text)))
    return list(
        found.exclude(pk__in=people(event).order_by().values("pk")).order_by("sort_key", "number")[:FOUND]
    )


def _fits(text: str, viewer: Membership) -> Q:
    """Whom the words fit: by all that staff may search by, by their names and numbers for others."""
    return condition(text, by_name=not is_on_duty(viewer)) | Q(number=_number(text))


def _number(text: str) -> int:
    """The member number that the text is, 0 for none."""
    bare = text.strip().lstrip("#\uff03")
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) < 10 else 0
