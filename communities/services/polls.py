"""Polls: what a post asks its readers to choose between; laid out with it, and changed until somebody has voted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from communities.models import Option, Poll, Post
from communities.models.poll import UNWRITTEN
from kernel import words
from kernel.errors import Refused
from kernel.locks import locked

FEWEST, MOST, LONGEST = 2, 10, 120


@dataclass(frozen=True)
class Ask:
    """A poll as its author words it."""

    options: Sequence[str]
    several: bool = False
    results: str = Poll.Results.VOTED
    closes_at: datetime | None = None


#: For a post that is changed and whose poll stays.
AS_IT_IS = Ask(())
#: Characters of a field of its form that are kept with a draft.
KEPT = 2_000


def as_typed(told: Mapping[str, object]) -> dict[str, object]:
    """What the form of a poll says, whether it is one yet or not: to be kept with a draft. Raises `Refused` (`length`) for
    what is endless or broken."""
    typed = UNWRITTEN | {name: told[name] for name in UNWRITTEN if told.get(name) is not None}
    texts = [typed[name] for name in ("options", "results", "closes_at")]
    fits = all(isinstance(text, str) and len(text) <= KEPT and "\x00" not in text for text in texts)
    if not fits or typed["results"] not in Poll.Results.values or not isinstance(typed["several"], bool):
        raise Refused(_("This cannot be kept as a poll: look at it again."), code="length", field="poll")
    return typed | {"options": str(typed["options"]).replace("\r\n", "\n")}


def fitting(ask: Ask | None, at: datetime) -> Ask | None:
    """The poll with its options in one line each. Raises `Refused` for too few, too many, twice the same or endless
    ones, and where it would be closed already (`past`)."""
    if ask is None or ask is AS_IT_IS:
        return ask
    options = [line for option in ask.options if (line := words.one_line(option))]
    if not FEWEST <= len(options) <= MOST:
        told = _("A poll has between %(fewest)d and %(most)d choices.") % {"fewest": FEWEST, "most": MOST}
        raise Refused(told, code="count", field="options")
    if len({option.casefold() for option in options}) != len(options):
        raise Refused(_("Two choices say the same."), code="taken", field="options")
    if any(len(option) > LONGEST or "\x00" in option for option in options):
        told = _("A choice has at most %(most)d characters.") % {"most": LONGEST}
        raise Refused(told, code="length", field="options")
    if ask.closes_at is not None and ask.closes_at <= at:
        raise Refused(_("This time is past: nobody could vote."), code="past", field="closes_at")
    return Ask(options, ask.several, ask.results, ask.closes_at)


def lay_out(post: Post, ask: Ask) -> Poll:
    """The poll of the post, in the caller's transaction; `ask` is fitting."""
    poll = Poll.objects.create(post=post, several=ask.several, results=ask.results, closes_at=ask.closes_at)
    _write_options(poll, ask)
    return poll


def _write_options(poll: Poll, ask: Ask) -> None:
    Option.objects.bulk_create(
        Option(poll=poll, place=place, text=text) for place, text in enumerate(ask.options, start=1)
    )


def change(post: Post, ask: Ask | None, at: datetime) -> bool:
    """Let the post, which is held, have this poll or none from now on; whether that is any change. Raises `Refused`
    once somebody has voted (`voted`), and once it is closed (`closed`)."""
    poll = locked(Poll.objects.filter(post=post)).first()
    if ask is AS_IT_IS or as_asked(poll) == ask:
        return False
    if poll is not None and poll.votes.exists():
        raise Refused(_("Somebody has voted: the poll stays as it is."), code="voted", field="options")
    if poll is not None and poll.is_closed(at):
        raise Refused(_("The poll is closed: it stays as it is."), code="closed", field="options")
    if poll is not None and ask is not None:
        # The same poll with other choices: whoever votes meanwhile waits for it, and for a choice that was.
        poll.options.all().delete()
        poll.several, poll.results, poll.closes_at = ask.several, ask.results, ask.closes_at
        poll.save(update_fields=["several", "results", "closes_at"])
        _write_options(poll, ask)
    elif poll is not None:
        poll.delete()
    elif ask is not None:
        lay_out(post, ask)
    return True


def as_asked(poll: Poll | None) -> Ask | None:
    """The poll as its author worded it."""
    if poll is None:
        return None
    options = list(poll.options.values_list("text", flat=True))
    return Ask(options, poll.several, poll.results, poll.closes_at)
