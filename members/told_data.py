"""What this app holds of what a person is told: letters and notices, what they switched off, and when they want to be told."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from kernel.person_data import Person, Table, table
from members import models


def messages(person: Person) -> Iterator[Table]:
    own = Q(membership_id__in=person.membership_ids)
    # What went to their address before they were a member, or about their account.
    by_address = Q(membership=None, address__in=person.addresses) if person.user_id else Q(pk=None)
    yield table(
        "letters",
        models.Message.objects.filter(own | by_address),
        ("community__slug", "kind", "address", "subject", "text", "state", "created_at", "finished_at"),
    )
    yield table(
        "notices",
        models.Notification.objects.filter(own),
        ("community__slug", "kind", "words", "at", "read_at"),
    )
    given_up = Q(pk=None)
    for place in person.places:
        given_up |= Q(community_id=place.community_id, address__in=person.addresses)
    yield table(
        "given_up_addresses",
        models.DeadAddress.objects.filter(given_up),
        ("community__slug", "address", "detail", "at"),
    )
    yield table(
        "switched_off", models.OptOut.objects.filter(own), ("community__slug", "channel", "kind", "at")
    )
    yield table(
        "told_later", models.Waiting.objects.filter(own), ("community__slug", "kind", "words", "at", "due_at")
    )
    yield table(
        "told_once_a_day", models.DailyWish.objects.filter(own), ("membership__community__slug", "kind", "at")
    )
    quiet = (
        models.QuietHours.objects.filter(user=person.user_id)
        if person.user_id
        else models.QuietHours.objects.none()
    )
    yield table("quiet_hours", quiet, ("begins", "ends", "timezone"))


def erase_messages(person: Person, at: datetime) -> None:
    """That letters were sent is kept, for the day's quota; to whom and what they said is not."""
    own = Q(membership_id__in=person.membership_ids)
    communities = [place.community_id for place in person.places]
    for address in person.addresses:
        own |= Q(community_id__in=communities, address__iexact=address)
        if person.user_id is not None:
            own |= Q(community=None, address__iexact=address)
    letters = models.Message.objects.filter(own)
    state, reason = models.Message.State, models.Message.Reason
    letters.filter(state__in=[state.QUEUED, state.SENDING], handed_at=None).update(
        state=state.SUPPRESSED, reason=reason.NO_ADDRESS, finished_at=at
    )
    letters.update(address="", subject="", text="", html="", detail="")
    models.Notification.objects.filter(membership_id__in=person.membership_ids).delete()
    for kind in (models.OptOut, models.Waiting, models.DailyWish):
        kind.objects.filter(membership_id__in=person.membership_ids).delete()
    if person.user_id is not None:
        models.QuietHours.objects.filter(user=person.user_id).delete()
    for address in person.addresses:
        dead = models.DeadAddress.objects.filter(community_id__in=communities, address__iexact=address)
        dead.delete()
