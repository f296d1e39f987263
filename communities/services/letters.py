"""What an applicant is told of a decision: the community's own words where it has any, else the product's."""

import re
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from communities.models import Community, Decision, DecisionLetter
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership
from members.services import audit, powers

#: What may stand in a text, in braces; nothing else is ever filled in.
PLACEHOLDERS = ("name", "community", "reason")
_BRACES = re.compile(r"\{([^{}]*)\}")


def text(community: Community, decision: str, language: str) -> str:
    """The template for a decision in a language, its placeholders still in it."""
    own = DecisionLetter.objects.filter(community=community, decision=decision, language=language).first()
    return own.text if own else own_words(decision, language)


def every(community: Community) -> list[tuple[str, str, str, bool]]:
    """(decision, language, template, whether it is the community's own) of every letter there is, in one query."""
    kept = DecisionLetter.objects.filter(community=community)
    own = {(one.decision, one.language): one.text for one in kept}
    return [
        (
            decision,
            language,
            own.get((decision, language)) or own_words(decision, language),
            (decision, language) in own,
        )
        for decision in Decision.values
        for language, _name in settings.LANGUAGES
    ]


def own_words(decision: str, language: str) -> str:
    """What the product itself says."""
    with translation.override(language):
        texts = {
            Decision.APPROVE: _(
                "Dear {name},\n\nwelcome! Your application to {community} is approved. {reason}\n\nSee you inside."
            ),
            Decision.WAIT: _(
                "Dear {name},\n\n{community} would like to have you, and has no place free at the moment. You are on "
                "the waiting list and hear from us as soon as there is one. {reason}"
            ),
            Decision.REJECT: _(
                "Dear {name},\n\nthank you for applying to {community}. We cannot take you in this time. {reason}"
            ),
            Decision.OFFER: _(
                "Dear {name},\n\na place in {community} is free, and it is kept for you for a week. Open your application "
                "to take it."
            ),
        }
        return texts[Decision(decision)]


def fill(template: str, *, name: str, community: str, reason: str) -> str:
    """The text with its placeholders filled; what else stands in braces stays as it is."""
    given = {"name": name, "community": community, "reason": reason}
    filled = _BRACES.sub(lambda found: given.get(found[1], found[0]), template)
    return re.sub(r"[ \t]+(?=\n|\Z)", "", filled).strip()


def language_of(membership: Membership, community: Community) -> str:
    """The language that the applicant reads, the community's where they have not chosen one."""
    return (membership.user.language if membership.user else "") or community.language


@transaction.atomic
def save(
    *, community: Community, decision: str, language: str, text: str, at: datetime, by: Actor
) -> DecisionLetter | None:
    """Keep the community's own words; an empty text, and the product's own, go back to the product's (None), and change
    with them.

    Raises `Refused` for a placeholder that is not declared and for an unknown decision or language.
    """
    powers.require(by, "settings.change")
    check(text)
    if decision not in Decision.values or language not in dict(settings.LANGUAGES):
        raise Refused(_("There is no such text."), code="unknown")
    rows = DecisionLetter.objects.filter(community=community, decision=decision, language=language)
    before, text = rows.first(), text.strip()
    if text == own_words(decision, language).strip():
        text = ""
    if text == (before.text if before else ""):
        return before
    if not text:
        rows.delete()
        kept = None
    else:
        kept, _made = DecisionLetter.objects.update_or_create(
            community=community, decision=decision, language=language, defaults={"text": text}
        )
    audit.record(
        action="community.letter_changed",
        object_kind="letter",
        object_id=f"{decision}:{language}",
        by=by,
        at=at,
        community_id=community.id,
        before={"text": before.text if before else ""},
        after={"text": text},
    )
    return kept


def check(text: str) -> None:
    """Raises `Refused` where something stands in braces that nobody fills in."""
    for name in _BRACES.findall(text):
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
            message = _("{%(name)s} is filled in by nobody; there are %(known)s.")
            raise Refused(message % {"name": name, "known": known}, code="unknown", field="text")
