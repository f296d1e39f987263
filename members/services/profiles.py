"""A member's own profile in one community: what they say of themselves, and who may read it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kernel.errors import Refused
from kernel.locks import locked
from members.models import Membership
from members.roles import Status
from members.selectors.people_directory import SHOWABLE
from members.services import custom_fields, memberships

#: What members write of themselves.
WORDS = ("name", "introduction", "interests", "city", "country")


@transaction.atomic
def present(
    *,
    membership: Membership,
    at: datetime,
    listed: bool | None = None,
    shown: Iterable[str] | None = None,
    custom: Mapping[str, Any] | None = None,
    **words: Any,
) -> Membership:
    """Change, at the member's own wish, some of `WORDS`, whether they stand in the directory, what is shown there, and
    (`custom`, by key) what they have in fields of the community's own that members change themselves.

    Raises `Refused` as `custom_fields.own` does, for who is not let in (`ended`), and for a restricted member who would
    say or show more than they did (`restricted`): to hide is always allowed. Nothing of it is in the audit log: it is
    theirs.
    """
    unknown = set(words) - set(WORDS)
    if unknown:
        raise ValueError(f"Not words of a profile: {', '.join(sorted(unknown))}")
    membership = locked(Membership.objects.filter(pk=membership.pk)).get()
    if not membership.is_admitted:
        raise Refused(_("This membership has ended."), code="ended")
    fields = dict(words)
    if listed is not None:
        fields["listed"] = listed
    if shown is not None:
        # In one order, so that the same choice is the same value.
        chosen = set(shown)
        fields["shown"] = [key for key in SHOWABLE if key in chosen]
    if custom:
        fields["custom"] = custom_fields.own(membership=membership, given=custom)
    changed = {name: value for name, value in fields.items() if getattr(membership, name) != value}
    if not changed:
        return membership
    if membership.status == Status.RESTRICTED:
        _guard_restricted(membership, changed)
    for name, value in changed.items():
        setattr(membership, name, value)
    memberships.save(membership, [*changed])
    return membership


def _guard_restricted(membership: Membership, changed: dict[str, Any]) -> None:
    more = set(changed.get("shown", ())) - set(membership.shown)
    if more or changed.get("listed") or set(changed) & {*WORDS, "custom"}:
        raise Refused(
            _("Your membership is restricted: you can hide what you show, and change nothing else."),
            code="restricted",
        )
