"""A person's own calendar as an address that programs ask: opened, given another address, closed."""

from datetime import datetime

from django.db import transaction

from gatherings.models import CalendarFeed
from gatherings.models.feed import feed_token
from members.models import User


@transaction.atomic
def open_own(*, user: User, at: datetime) -> CalendarFeed:
    """The person's calendar; the one that is open already, where there is one."""
    return CalendarFeed.objects.get_or_create(user=user, defaults={"made_at": at})[0]


@transaction.atomic
def renew(*, user: User, at: datetime) -> CalendarFeed:
    """Give it another address: whoever had the old one reads along no more."""
    token = {"token": feed_token(), "made_at": at}
    return CalendarFeed.objects.update_or_create(user=user, defaults=token)[0]


def close(*, user: User) -> None:
    CalendarFeed.objects.filter(user=user).delete()
