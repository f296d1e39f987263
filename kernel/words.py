"""Numbers, shares, days and spans as the reader writes them, in English and in Chinese.

Every function takes what it is given from a page and gives a string; None becomes a dash, never a zero.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from babel import Locale
from babel import dates as babel_dates
from babel import numbers as babel_numbers
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from kernel.money import Money, exponent

NOTHING = "\u2013"
LOCALES = {"en": "en", "zh": "zh_Hans_CN"}
#: English without a country's habits, 2 Mar 2026; Chinese as it is written, 2026年3月2日.
FORMS = {
    "en": {
        "short": "d MMM",
        "medium": "d MMM y",
        "long": "d MMMM y",
        "full": "EEEE, d MMMM y",
        "month": "MMM y",
    },
    "zh": {
        "short": "M月d日",
        "medium": "y年M月d日",
        "long": "y年M月d日",
        "full": "y年M月d日EEEE",
        "month": "y年M月",
    },
}

#: Marks that turn the direction of what follows. Words in any script read right without them.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BREAKS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]+")

Number = int | float | Decimal
DayLike = date | datetime | str


def locale() -> Locale:
    return Locale.parse(LOCALES.get((get_language() or "en")[:2], "en"))


def straight(text: str) -> str:
    """What somebody wrote, without what would turn the words around it."""
    return _TURNING.sub("", text).strip()


def one_line(text: str) -> str:
    """The same, and what was written over several lines on one."""
    return _BREAKS.sub(" ", straight(text)).strip()


def number(value: Number | None, decimals: int | None = None) -> str:
    """12345.678 -> "12,345.7"; whole numbers stay whole; `decimals` fixes how many are shown."""
    if value is None:
        return NOTHING
    places = _places(value) if decimals is None else decimals
    pattern = "#,##0" + ("." + ("0" if decimals else "#") * places if places else "")
    return babel_numbers.format_decimal(value, format=pattern, locale=locale())


def _places(value: Number) -> int:
    """One decimal tells it, unless the first digit that says anything is further back."""
    size = abs(float(value))
    if size == int(size) or size >= 100:
        return 0
    return 1 if size >= 1 else 2 if size >= 0.01 else 4


def compact(value: Number | None) -> str:
    """12345 -> "12K" and "1.2万"; below ten thousand as `number`."""
    if value is None:
        return NOTHING
    if abs(float(value)) < 10_000:
        return number(value)
    return babel_numbers.format_compact_decimal(value, locale=locale(), fraction_digits=1)


def percent(share: Number | None, decimals: int | None = None) -> str:
    """0.314 -> "31%"; below ten per cent one decimal."""
    if share is None:
        return NOTHING
    fine = 0 < abs(float(share)) < 0.0995
    places = decimals if decimals is not None else int(fine)
    pattern = "#,##0" + ("." + "#" * places if places else "") + "%"
    return babel_numbers.format_percent(share, format=pattern, locale=locale())


def signed(value: Number | None) -> str:
    """5 -> "+5", -5 -> a true minus and 5."""
    if value is None:
        return NOTHING
    sign = "+" if value > 0 else "\u2212" if value < 0 else ""
    return sign + number(abs(float(value)))


def duration(span: timedelta | Number | None) -> str:
    """A span (or seconds) in its largest fitting unit: "3 hours", "3小时"."""
    if span is None:
        return NOTHING
    delta = span if isinstance(span, timedelta) else timedelta(seconds=float(span))
    return babel_dates.format_timedelta(delta, threshold=1.5, locale=locale())


def ago(moment: datetime | date | None, now: datetime | None = None) -> str:
    """How long ago or until, "3 days ago", "in 2 weeks"."""
    if moment is None:
        return NOTHING
    if not isinstance(moment, datetime):
        days = timedelta(days=(moment - timezone.localdate(now)).days)
        return babel_dates.format_timedelta(days, add_direction=True, locale=locale()) if days else _("today")
    delta = moment - (now or timezone.now())
    if abs(delta) < timedelta(seconds=45):
        return _("just now")
    return babel_dates.format_timedelta(delta, add_direction=True, threshold=1.5, locale=locale())


def day(value: DayLike | None, form: str = "medium") -> str:
    """2 Mar 2026, 2026年3月2日. `form`: short (2 Mar), medium, long (2 March 2026), full (with weekday)."""
    if value is None or value == "":
        return NOTHING
    return _written(as_day(value), form)


def _written(found: date, form: str) -> str:
    reader = locale()
    return babel_dates.format_date(found, format=FORMS[reader.language][form], locale=reader)


def moment(value: datetime | None) -> str:
    """2 Mar 2026, 14:05 in the active time zone."""
    if value is None:
        return NOTHING
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{day(local)} {local:%H:%M}" if locale().language == "zh" else f"{day(local)}, {local:%H:%M}"


def listed(items: Iterable[Any]) -> str:
    """Words one after the other: "tea, coffee", "茶、咖啡"."""
    return pgettext("between the items of a list", ", ").join(str(item) for item in items)


def named(label: Any, value: Any) -> str:
    """A value with its name: "Status: Active", "状态：正常"."""
    return pgettext("a name and its value", "%(label)s: %(value)s") % {"label": label, "value": value}


def zone(name: str) -> str:
    """A time zone by its place: "Shanghai (Asia/Shanghai)", "上海 (Asia/Shanghai)"; UTC as it is."""
    try:
        place = babel_dates.get_timezone_location(name, locale=locale(), return_city=True)
    except LookupError:
        return name
    return name if place == name else f"{place} ({name})"


def currency(code: str) -> str:
    """A currency by its name: "Chinese Yuan (CNY)", "人民币 (CNY)"."""
    name = babel_numbers.get_currency_name(code, locale=locale())
    return code if name == code else f"{name} ({code})"


def money(value: Money | None) -> str:
    """1280.50 CNY -> "CN¥1,280.50" and "¥1,280.50", with exactly the decimals that the currency has."""
    if value is None:
        return NOTHING
    places = exponent(value.currency)
    pattern = "¤#,##0" + ("." + "0" * places if places else "")
    written = babel_numbers.format_currency(
        abs(value.decimal), value.currency, format=pattern, locale=locale(), currency_digits=False
    )
    return f"\u2212{written}" if value.amount < 0 else written


def as_day(value: DayLike) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def grain_of(periods: list[str]) -> str:
    """month, week or day, as the names of a series' periods tell."""
    if periods and re.fullmatch(r"\d{4}-\d{2}", periods[0]):
        return "month"
    days = [date.fromisoformat(name) for name in periods]
    mondays = all(found.weekday() == 0 for found in days)
    steps = {(later - earlier).days for earlier, later in zip(days, days[1:], strict=False)}
    return "week" if days and mondays and steps <= {7} else "day"


def period(name: str, form: str = "medium") -> str:
    """A period's name for people: 2026-03 -> Mar 2026, 2026-03-02 -> 2 Mar 2026; `short` for an axis."""
    if not name:
        return NOTHING
    if re.fullmatch(r"\d{4}-\d{2}", name):
        return _written(date.fromisoformat(f"{name}-01"), "month")
    return day(name, "short" if form == "short" else "medium")


def within(name: str, grain: str) -> str:
    """The period inside a sentence: "the week of 2 Mar 2026", "Mar 2026", "2 Mar 2026"."""
    if grain == "week":
        return pgettext("a period inside a sentence", "the week of %(day)s") % {"day": period(name)}
    return period(name)
