"""Joining a community by its policy, and leaving its questions answered."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Community, JoinQuestion
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership, User
from members.services import memberships


@transaction.atomic
def join(
    *,
    community: Community,
    user: User,
    answers: Mapping[int, Any],
    at: datetime,
    by: Actor,
    invited_by: Membership | None = None,
) -> Membership:
    """Let a person into an open community. `answers` are by question id; `invited_by` is one of its members.

    Raises `Refused` when the community does not let people in by themselves, when a required answer is
    missing or does not fit its question (field `question_<id>`), and as `memberships.enrol` does.
    """
    if community.approved_at is None:
        raise Refused(_("This community opens once the site's staff have approved it."), code="not_open")
    if community.join_policy != Community.JoinPolicy.OPEN:
        raise Refused(_("This community is not open: it lets people in itself."), code="not_open")
    questions = JoinQuestion.objects.filter(community=community)
    kept = [_answered(question, answers.get(question.pk)) for question in questions]
    return memberships.enrol(
        community=community,
        user=user,
        at=at,
        by=by,
        invited_by=invited_by,
        answers=[answer for answer in kept if answer],
    )


def _answered(question: JoinQuestion, given: Any) -> dict[str, Any] | None:
    """The question with its answer as it is kept, or None when it was left out."""
    field = f"question_{question.pk}"
    if given in (None, "", [], False):
        if question.required:
            raise Refused(_("An answer is needed here."), code="required", field=field)
        return None
    if not _FITS[question.kind](question, given):
        raise Refused(_("This answer does not fit the question."), code="invalid", field=field)
    answer = given.isoformat() if isinstance(given, date) else given
    return {"question": question.text, "answer": answer}


_FITS: dict[str, Callable[[JoinQuestion, Any], bool]] = {
    JoinQuestion.Kind.TEXT: lambda question, given: isinstance(given, str) and len(given) <= 2000,
    JoinQuestion.Kind.CHOICE: lambda question, given: given in question.options,
    JoinQuestion.Kind.SEVERAL: lambda question, given: set(given) <= set(question.options),
    JoinQuestion.Kind.DATE: lambda question, given: isinstance(given, date),
    JoinQuestion.Kind.AGREEMENT: lambda question, given: given is True,
}
