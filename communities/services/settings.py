"""Changing what a community is: its words, its clock, who may see and join it, how its score weighs."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from communities import emoji
from communities.colours import COLOUR
from communities.models import Community
from communities.services import founding
from kernel import activity, words
from kernel.clock import zone_names
from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor
from members.services import audit, powers

FIELDS = (
    "name",
    "tagline",
    "description",
    "language",
    "timezone",
    "currency",
    "colour",
    "visibility",
    "join_policy",
    "references_asked",
    "dues_first",
    "members_invite",
    "members_open_circles",
    "reactions",
    "score_weights",
)


#: How many members an applicant may name.
MOST_REFERENCES = 5


@transaction.atomic
def update(*, community: Community, at: datetime, by: Actor, **fields: Any) -> Community:
    """Change settings; only `FIELDS` may be given. A new time zone moves every day, so it is announced.

    Raises `Refused` for a name with nothing to be read, for a time zone that is not known, for a colour that is none,
    for more members to be named than `MOST_REFERENCES`, for reactions that are none, for
    weights that are not a number per verb, and for who may not change settings any more.
    """
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise ValueError(f"Not settings: {', '.join(sorted(unknown))}")
    if "colour" in fields:
        fields["colour"] = fields["colour"].lower()
    fields |= {name: words.one_line(fields[name]) for name in ("name", "tagline") if name in fields}
    community = locked(Community.objects.filter(pk=community.pk)).get()
    powers.require(by, "settings.change")
    before, after = audit.changed({name: getattr(community, name) for name in fields}, fields)
    if not after:
        return community
    _guard(after)
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
    if "timezone" in after:
        activity.announce("community.timezone_changed", community_id=community.id)
    if "score_weights" in after:
        activity.announce("community.weights_changed", community_id=community.id)
    return community


def _guard(fields: dict[str, Any]) -> None:
    if "name" in fields:
        founding.guard_name(fields["name"])
    if "timezone" in fields and fields["timezone"] not in zone_names():
        message = _("%(zone)s is no time zone; one such as Asia/Shanghai is expected.")
        raise Refused(message % {"zone": fields["timezone"]}, code="unknown", field="timezone")
    if fields.get("colour") and not COLOUR.fullmatch(fields["colour"]):
        message = _("%(colour)s is no colour; one such as #0c7383 is expected.")
        raise Refused(message % {"colour": fields["colour"]}, code="invalid", field="colour")
    if not 0 <= fields.get("references_asked", 0) <= MOST_REFERENCES:
        message = _("Between 0 and %(most)d members can be named.") % {"most": MOST_REFERENCES}
        raise Refused(message, code="range", field="references_asked")
    if "reactions" in fields:
        _guard_reactions(emoji.kinds(fields["reactions"]))
    for verb, weight in fields.get("score_weights", {}).items():
        if verb not in activity.WEIGHED or isinstance(weight, bool) or not isinstance(weight, int | float):
            message = _("A weight is a number for one of the acts; %(verb)s is not.") % {"verb": verb}
            raise Refused(message, code="invalid", field="score_weights")
        if not 0 <= weight <= 1000:
            raise Refused(_("A weight lies between 0 and 1000."), code="invalid", field="score_weights")


def _guard_reactions(chosen: list[emoji.Kind]) -> None:
    if len(chosen) > emoji.MOST:
        message = _("A community has at most %(most)d reactions.") % {"most": emoji.MOST}
        raise Refused(message, code="too_many", field="reactions")
    if len({one.emoji for one in chosen}) != len(chosen):
        raise Refused(_("Each emoji stands for one thing."), code="taken", field="reactions")
    for one in chosen:
        if not emoji.is_one(one.emoji):
            message = _("“%(text)s” is no single emoji.") % {"text": one.emoji[:20]}
            raise Refused(message, code="invalid", field="reactions")
        if any(not one.words.get(code, "").strip() for code in emoji.languages()):
            message = _("Say in each language what %(emoji)s stands for.") % {"emoji": one.emoji}
            raise Refused(message, code="required", field="reactions")
        if any(len(word) > emoji.LONGEST_WORD for word in one.words.values()):
            message = _("A word of at most %(most)d characters is expected.") % {"most": emoji.LONGEST_WORD}
            raise Refused(message, code="length", field="reactions")
