"""Who is written to around an application; each letter is a row of the transaction it tells of."""

from datetime import datetime

from django.urls import reverse

from communities import mail_kinds
from communities.models import Application, Reference
from kernel import permissions
from members.actors import Actor
from members.models import Membership
from members.roles import ADMITTED, Role, Status
from members.services import mail


def made(*, application: Application, at: datetime, by: Actor) -> None:
    """Those who may decide are told that somebody waits."""
    community = application.community
    roles = [role for role in Role.values if permissions.allows(role, "members.change")]
    staff = Membership.objects.of(community.id).filter(role__in=roles, status__in=ADMITTED)
    url = reverse("communities:application", args=[community.slug, application.key])
    for member in staff.exclude(status=Status.RESTRICTED).select_related("user"):
        mail.send(
            kind=mail_kinds.MADE,
            to=member,
            community=community,
            words={"applicant": application.membership.display_name},
            at=at,
            by=by,
            url=url,
            about="applications",
            dedupe=f"{mail_kinds.MADE}:{application.key}:{member.pk}",
        )


def decided(*, application: Application, decision: str, at: datetime, by: Actor) -> None:
    """The applicant reads what was decided."""
    if not application.message:
        return
    community = application.community
    mail.send(
        kind=mail_kinds.DECIDED,
        to=application.membership,
        community=community,
        words={"message": application.message},
        at=at,
        by=by,
        url=reverse("communities:join", args=[community.slug]),
        dedupe=f"{mail_kinds.DECIDED}:{application.key}:{at.isoformat()}",
    )


def asked(*, reference: Reference, at: datetime) -> None:
    """A member is asked for a word about an applicant."""
    application = reference.application
    community = application.community
    mail.send(
        kind=mail_kinds.REFERENCE,
        to=reference.member,
        community=community,
        words={"applicant": application.membership.display_name},
        at=at,
        url=reverse("communities:reference", args=[community.slug, reference.key]),
        dedupe=f"{mail_kinds.REFERENCE}:{reference.key}",
    )
