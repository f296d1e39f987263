"""Words that are tried on people: while an experiment runs, who is assigned to one of its arms reads that arm's words.

Lower apps make the words (letters, questions) and ask here whether others are tried on somebody; who keeps the experiments
lives above and hands itself in. While nobody does, the words in force are everybody's, and nothing of it is seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils.translation import gettext as _

from kernel.errors import Refused

#: What can be tried: two letters, by the keys of their kinds, and what is asked on joining.
INVITATION, WELCOME, JOIN_QUESTIONS = "invitation", "member.welcome", "join_questions"
SUBJECTS = frozenset({INVITATION, WELCOME, JOIN_QUESTIONS})


@dataclass(frozen=True)
class Piece:
    """One text of what is tried, under a key that its makers know: "en.subject", "question.12". `asked` and `required`
    are a question's, None for what is none."""

    key: str
    text: str
    asked: bool | None = None
    required: bool | None = None


@dataclass(frozen=True)
class Unit:
    """Who is assigned: a member (`members.Membership`), or the person who is not one yet, by the key of their account."""

    member: Any = None
    user_id: int | None = None


class Keeper(Protocol):
    def assign(self, *, subject: str, community_id: int, unit: Unit, at: datetime) -> None: ...

    def words(self, *, subject: str, community_id: int, unit: Unit) -> Sequence[Piece] | None: ...

    def is_running(self, *, subject: str, community_id: int) -> bool: ...

    def joined(self, *, subject: str, community_id: int, user_id: int, number: int) -> None: ...


_keepers: list[Keeper] = []


def kept_by(keeper: Keeper) -> None:
    """Let an app keep the experiments of this site."""
    _keepers[:] = [keeper]


def assign(subject: str, *, community_id: int, unit: Unit, at: datetime) -> None:
    """Give whoever now meets the words an arm, where an experiment with them runs and has room; once, and for good."""
    for keeper in _keepers:
        keeper.assign(subject=subject, community_id=community_id, unit=unit, at=at)


def words(subject: str, *, community_id: int | None, unit: Unit) -> Sequence[Piece] | None:
    """The words of the arm of who is assigned in a running experiment; None for everybody else, whose words are those in
    force."""
    if subject not in SUBJECTS or community_id is None:
        return None
    for keeper in _keepers:
        return keeper.words(subject=subject, community_id=community_id, unit=unit)
    return None


def joined(subject: str, *, community_id: int, user_id: int, number: int) -> None:
    """Say with which number somebody has joined who was a person without one as they were assigned."""
    for keeper in _keepers:
        keeper.joined(subject=subject, community_id=community_id, user_id=user_id, number=number)


def guard(subject: str, *, community_id: int) -> None:
    """Raises `Refused` (`being_tried`) for words that an experiment holds: while it runs nobody changes them."""
    tried = (keeper.is_running(subject=subject, community_id=community_id) for keeper in _keepers)
    if subject in SUBJECTS and any(tried):
        raise Refused(
            _(
                "An experiment with these words is running: they stay as they are until it ends or is stopped."
            ),
            code="being_tried",
        )
