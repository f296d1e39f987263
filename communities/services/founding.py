"""Founding a community: a blueprint, carried out."""

from datetime import datetime

from babel.numbers import list_currencies
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from communities.blueprints import Blueprint, blueprints
from communities.models import Circle, Community, JoinQuestion
from kernel import words
from kernel.clock import zone_names
from kernel.errors import Refused
from members.actors import Actor
from members.models import Tier, User
from members.roles import Role
from members.services import audit, memberships

#: Words that the site's own addresses need, or that would mislead a reader.
RESERVED_SLUGS = frozenset({"new", "admin", "api", "me", "accounts", "static", "desk", "join"})


def may_found(by: Actor) -> bool:
    """Whether the site lets this actor found a community (`SITE_FOUNDING`: open, approved, staff)."""
    return settings.SITE_FOUNDING != "staff" or _is_site_staff(by)


def awaits_approval(by: Actor) -> bool:
    """Whether what this actor founds stays unlisted and closed until the site's staff approve it."""
    return settings.SITE_FOUNDING == "approved" and not _is_site_staff(by)


def _is_site_staff(by: Actor) -> bool:
    return by.user is None or by.user.is_staff


@transaction.atomic
def approve(*, community: Community, at: datetime, by: Actor) -> Community:
    """Let the site list the community and people join it; approving twice changes nothing."""
    if community.approved_at is None:
        community.approved_at = at
        community.save(update_fields=["approved_at"])
        audit.record(
            action="community.approved",
            object_kind="community",
            object_id=community.slug,
            by=by,
            at=at,
            community_id=community.id,
        )
    return community


@transaction.atomic
def found(
    *,
    name: str,
    slug: str,
    type: str,
    owner: User,
    timezone: str,
    language: str,
    currency: str,
    at: datetime,
    by: Actor,
    tagline: str = "",
    visibility: str = Community.Visibility.PUBLIC,
) -> Community:
    """A new community, laid out as its type's blueprint says, in its own language, with its first owner.

    The address is kept in lower case, so that no two differ by that alone. Raises `Refused` (with the field) for an
    address that is taken or reserved, for a name with nothing to be read, and for a type, time zone, language or
    currency that is not known.
    """
    slug, currency = slug.lower(), currency.upper()
    name, tagline = words.one_line(name), words.one_line(tagline)
    if not may_found(by):
        raise Refused(_("On this site, communities are founded by its staff."), code="forbidden")
    guard_name(name)
    _guard(slug=slug, type=type, timezone=timezone, language=language, currency=currency)
    blueprint = blueprints.get(type)
    try:
        with transaction.atomic():
            community = Community.objects.create(
                name=name,
                slug=slug,
                type=type,
                tagline=tagline,
                timezone=timezone,
                language=language,
                currency=currency,
                visibility=visibility,
                join_policy=blueprint.join_policy,
                members_open_circles=blueprint.members_open_circles,
                modules=list(blueprint.modules),
                founded_by=owner,
                founded_at=at,
                approved_at=None if awaits_approval(by) else at,
            )
    except IntegrityError:
        raise Refused(_("This address is taken."), code="taken", field="slug") from None
    with translation.override(language):
        _lay_out(community, blueprint)
    memberships.enrol(community=community, user=owner, role=Role.OWNER, at=at, by=by)
    audit.record(
        action="community.founded",
        object_kind="community",
        object_id=slug,
        by=by,
        at=at,
        community_id=community.id,
        after={"name": name, "type": type, "timezone": timezone, "currency": currency},
    )
    return community


def guard_name(name: str) -> None:
    """Raises `Refused` where nothing is left to be read."""
    if not name:
        raise Refused(_("A community needs a name."), code="required", field="name")


def _guard(*, slug: str, type: str, timezone: str, language: str, currency: str) -> None:
    if slug in RESERVED_SLUGS or Community.objects.filter(slug=slug).exists():
        raise Refused(_("This address is taken."), code="taken", field="slug")
    if type not in blueprints:
        known = ", ".join(blueprints.keys())
        raise Refused(_("The types are: %(types)s.") % {"types": known}, code="unknown", field="type")
    if timezone not in zone_names():
        message = _("%(zone)s is no time zone; one such as Asia/Shanghai is expected.")
        raise Refused(message % {"zone": timezone}, code="unknown", field="timezone")
    if language not in dict(settings.LANGUAGES):
        known = ", ".join(dict(settings.LANGUAGES))
        raise Refused(_("The languages are: %(known)s.") % {"known": known}, code="unknown", field="language")
    if currency not in list_currencies():
        message = _("%(currency)s is no currency; a code such as EUR is expected.")
        raise Refused(message % {"currency": currency}, code="unknown", field="currency")


def _lay_out(community: Community, blueprint: Blueprint) -> None:
    """Write the blueprint's sketches down as the community's own, in the language in force."""
    Tier.objects.bulk_create(
        Tier(
            community=community,
            key=tier.key,
            name=str(tier.name),
            description=str(tier.description),
            rank=tier.rank,
            is_default=tier.is_default,
        )
        for tier in blueprint.tiers
    )
    Circle.objects.bulk_create(
        Circle(
            community=community,
            slug=circle.slug,
            name=str(circle.name),
            description=str(circle.description),
            position=position,
        )
        for position, circle in enumerate(blueprint.circles)
    )
    JoinQuestion.objects.bulk_create(
        JoinQuestion(
            community=community,
            position=position,
            text=str(question.text),
            kind=question.kind,
            options=[str(option) for option in question.options],
            required=question.required,
        )
        for position, question in enumerate(blueprint.questions)
    )
