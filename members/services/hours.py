"""When a member gets letters: at once, after their quiet hours, or once a day."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from kernel import clock
from kernel.errors import Refused
from kernel.mails import MailKind
from members.models import DailyWish, Membership, QuietHours, User

#: When the daily letter goes, by the reader's clock.
DAILY = time(8)
_DAY = timedelta(days=1)


@transaction.atomic
def keep_quiet(*, user: User, begins: time | None, ends: time | None, timezone: str = "") -> None:
    """Set a person's quiet hours, or end them where neither time is given. Raises `Refused` for one time alone, for two that
    are the same (`times`), and for a time zone that is none (`timezone`)."""
    if begins is None and ends is None:
        QuietHours.objects.filter(user=user).delete()
        return
    if begins is None or ends is None or begins == ends:
        raise Refused(_("Say from when until when, or neither."), code="times", field="ends")
    if timezone and timezone not in clock.zone_names():
        raise Refused(_("There is no such time zone."), code="timezone", field="timezone")
    told = {"begins": begins, "ends": ends, "timezone": timezone}
    QuietHours.objects.update_or_create(user=user, defaults=told)


def due(*, kind: MailKind, to: Membership, at: datetime) -> datetime | None:
    """When a letter of this kind may go to the member, None for at once: what must reach goes at once, and what would come
    too late."""
    if not kind.optional or kind.prompt or to.user_id is None:
        return None
    daily = Exists(DailyWish.objects.filter(membership=OuterRef("pk"), kind=kind.key))
    found = Membership.objects.filter(pk=to.pk).values_list(
        "user__quiet_hours__begins",
        "user__quiet_hours__ends",
        "user__quiet_hours__timezone",
        "community__timezone",
        daily,
    )
    begins, ends, own, place, once_a_day = found.get()
    if begins is None and not once_a_day:
        return None
    zone = ZoneInfo(own or place)
    goes = _next(DAILY, at, zone) if once_a_day and kind.can_wait else at
    if begins is not None:
        goes = _after(begins, ends, goes, zone)
    return goes if goes > at else None


def _next(hour: time, at: datetime, zone: ZoneInfo) -> datetime:
    """The next instant after `at` at which the clock shows the hour."""
    today = clock.local_day(at, zone)
    found = clock.resolve_local(datetime.combine(today, hour), zone)
    return found if found > at else clock.resolve_local(datetime.combine(today + _DAY, hour), zone)


def _after(begins: time, ends: time, at: datetime, zone: ZoneInfo) -> datetime:
    """The end of the quiet hours in which the instant lies, or the instant itself."""
    local = at.astimezone(zone).time()
    inside = begins <= local < ends if begins < ends else local >= begins or local < ends
    return _next(ends, at, zone) if inside else at
