"""How the words of an experiment are checked, and put in force for good: by the services that keep them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from communities.models import Community, JoinQuestion
from communities.services import questions
from engagement.selectors.trials import Trial
from engagement.selectors.trials.letter import PARTS
from kernel import locks, mails, trials
from kernel.errors import Refused
from kernel.trials import Piece
from members.actors import Actor
from members.services import mail_templates


class Wording(ABC):
    """How one thing that is tried is set; `permission` is what it takes to set it."""

    permission: str

    def __init__(self, subject: str) -> None:
        self.subject = subject

    @abstractmethod
    def hold(self, community_id: int) -> None:
        """Nobody changes the words in force until the end of the transaction."""

    def checked(self, community: Community, in_force: list[Piece], given: list[Piece]) -> list[Piece]:
        """The pieces as they are kept: one for each that is in force, those not given as they stand. Raises `Refused` with
        the field at fault, "b"."""
        known = {piece.key for piece in in_force}
        said = {piece.key: piece for piece in given}
        if set(said) - known:
            raise Refused(_("The words have changed meanwhile: plan it anew."), code="changed", field="b")
        return [self.fit(piece, said.get(piece.key, piece)) for piece in in_force]

    @abstractmethod
    def fit(self, standing: Piece, given: Piece) -> Piece:
        """The piece as it is kept, put otherwise as `given` says. Raises `Refused` for words that do not fit."""

    @abstractmethod
    def put_in_force(self, community: Community, chosen: Sequence[Piece], *, at: datetime, by: Actor) -> None:
        """Let everybody read these from now on, through the service that keeps them."""


class LetterWording(Wording):
    permission = mail_templates.PERMISSION

    def hold(self, community_id: int) -> None:
        locks.advisory(name="members.mail_templates", key=community_id)

    def fit(self, standing: Piece, given: Piece) -> Piece:
        part = standing.key.split(".")[1]
        told = {name: given.text if name == part else "x" for name in PARTS}
        try:
            found = dict(zip(PARTS, mail_templates.check(mails.get(self.subject), **told), strict=True))
        except Refused as refusal:
            raise Refused(refusal.message, code=refusal.code, field="b") from None
        return replace(standing, text=found[part])

    def put_in_force(self, community: Community, chosen: Sequence[Piece], *, at: datetime, by: Actor) -> None:
        texts: dict[str, dict[str, str]] = {}
        for piece in chosen:
            language, part = piece.key.split(".")
            texts.setdefault(language, {})[part] = piece.text
        for language, told in texts.items():
            mail_templates.save(
                community=community, kind=self.subject, language=language, at=at, by=by, **told
            )


class QuestionsWording(Wording):
    permission = "settings.change"

    def hold(self, community_id: int) -> None:
        questions.hold(community_id)

    def fit(self, standing: Piece, given: Piece) -> Piece:
        text = given.text.strip()
        if given.asked is not False and not 0 < len(text) <= 240:
            raise Refused(_("A question of at most 240 characters is expected."), code="length", field="b")
        asked = given.asked is not False
        required = standing.required if given.required is None else given.required
        return Piece(standing.key, text or standing.text, asked, asked and bool(required))

    def put_in_force(self, community: Community, chosen: Sequence[Piece], *, at: datetime, by: Actor) -> None:
        """A question that is gone meanwhile stays gone; one that came later stays."""
        rows = {f"question.{row.pk}": row for row in JoinQuestion.objects.filter(community=community)}
        for piece in chosen:
            row = rows.get(piece.key)
            if row is None:
                continue
            if piece.asked:
                questions.update(question=row, at=at, by=by, text=piece.text, required=bool(piece.required))
            else:
                questions.delete(question=row, at=at, by=by)


_WORDINGS: dict[str, Wording] = {
    one.subject: one
    for one in (
        LetterWording(trials.INVITATION),
        LetterWording(trials.WELCOME),
        QuestionsWording(trials.JOIN_QUESTIONS),
    )
}


def of(trial: Trial) -> Wording:
    return _WORDINGS[trial.subject]
