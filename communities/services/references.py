"""The word of members about an applicant who named them."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from communities.models import Application, Reference
from kernel import activity
from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor
from members.models import Membership
from members.roles import ADMITTED


def ask(*, application: Application, at: datetime) -> list[Reference]:
    """Ask those of the named who are members; who is none is passed over in silence, so that nobody learns who is."""
    asked = []
    for name in application.named:
        member = _member(application, name)
        if member is None:
            continue
        reference, made = Reference.objects.get_or_create(
            application=application, member=member, defaults={"asked_at": at}
        )
        if made:
            asked.append(reference)
            activity.announce("reference.asked", reference=reference, at=at)
    return asked


@transaction.atomic
def answer(*, reference: Reference, vouches: bool, words: str, at: datetime, by: Actor) -> Reference:
    """Say a word about the applicant; once, and while the application is undecided. Raises `Refused`."""
    reference = locked(Reference.objects.filter(pk=reference.pk)).select_related("application").get()
    if by.membership is None or by.membership.pk != reference.member_id:
        raise Refused(_("Only the member who was named says a word."), code="not_yours")
    if reference.answered_at is not None:
        raise Refused(_("You have said your word already."), code="answered")
    if not reference.application.is_undecided:
        raise Refused(_("This application has been decided meanwhile."), code="decided")
    reference.vouches, reference.words, reference.answered_at = vouches, words.strip()[:1000], at
    reference.save(update_fields=["vouches", "words", "answered_at"])
    return reference


def _member(application: Application, name: str) -> Membership | None:
    members = Membership.objects.of(application.community_id).filter(status__in=ADMITTED)
    number = name.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 10:
        return members.filter(number=int(number)).first()
    if "@" not in name:
        return None
    return members.filter(Q(user__email__iexact=name) | Q(email__iexact=name)).order_by("number").first()
