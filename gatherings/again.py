"""How a gathering comes again, in words, and the ways that are offered for one on a given day."""

from datetime import date
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_month_names
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from gatherings.models import Series
from gatherings.recurrence import Rule, Weekday, read
from kernel import words

_NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}


def offered(day: date) -> list[Rule]:
    """The ways in which most gatherings come again that begin on that day."""
    weekday, nth = day.weekday(), (day.day - 1) // 7 + 1
    monthly = [Rule("MONTHLY", weekdays=(Weekday(weekday, nth),))] if nth < 5 else []
    if Rule("MONTHLY", weekdays=(Weekday(weekday, -1),)).fits(day):
        monthly.append(Rule("MONTHLY", weekdays=(Weekday(weekday, -1),)))
    return [
        Rule("WEEKLY", weekdays=(Weekday(weekday),)),
        Rule("WEEKLY", every=2, weekdays=(Weekday(weekday),)),
        *monthly,
        Rule("MONTHLY", month_days=(day.day,)),
        Rule("YEARLY"),
        Rule("DAILY"),
    ]


def of_series(series: Series, zone: ZoneInfo) -> str:
    """How the series comes again, in words."""
    return in_words(read(series.rule), zone)


def in_words(rule: Rule, zone: ZoneInfo) -> str:
    """every 2 weeks · on Thursday · 6 times"""
    return " · ".join([*_how(rule), *_end(rule, zone)])


def _how(rule: Rule) -> list[str]:
    each, many = {
        "DAILY": (pgettext("comes again", "every day"), _("every %(n)d days")),
        "WEEKLY": (pgettext("comes again", "every week"), _("every %(n)d weeks")),
        "MONTHLY": (pgettext("comes again", "every month"), _("every %(n)d months")),
        "YEARLY": (pgettext("comes again", "every year"), _("every %(n)d years")),
    }[rule.frequency]
    said = [each if rule.every == 1 else many % {"n": rule.every}]
    if rule.months:
        months = get_month_names("wide", locale=words.locale())
        said.append(_("in %(months)s") % {"months": words.listed(months[one] for one in rule.months)})
    if rule.month_days:
        said.append(words.listed(_month_day(one) for one in rule.month_days))
    if rule.weekdays:
        said.append(_("on %(days)s") % {"days": words.listed(map(_weekday, rule.weekdays))})
    return said


def _end(rule: Rule, zone: ZoneInfo) -> list[str]:
    if rule.times is not None:
        return [ngettext("once", "%(n)d times", rule.times) % {"n": rule.times}]
    if rule.until is not None:
        return [_("until %(day)s") % {"day": words.day(rule.until.astimezone(zone).date())}]
    return []


def _weekday(one: Weekday) -> str:
    name = get_day_names("wide", locale=words.locale())[one.day]
    if not one.nth:
        return name
    told = {
        "first": pgettext("weekday of a month", "the first %(day)s"),
        "second": pgettext("weekday of a month", "the second %(day)s"),
        "third": pgettext("weekday of a month", "the third %(day)s"),
        "fourth": pgettext("weekday of a month", "the fourth %(day)s"),
        "fifth": pgettext("weekday of a month", "the fifth %(day)s"),
        "last": pgettext("weekday of a month", "the last %(day)s"),
    }
    key = _NTH.get(one.nth)
    if key is None:
        return pgettext("weekday of a month", "the %(nth)d. %(day)s from the end") % {
            "nth": -one.nth,
            "day": name,
        }
    return told[key] % {"day": name}


def _month_day(one: int) -> str:
    if one == -1:
        return _("on the last day")
    return (
        _("on day %(day)d") % {"day": one}
        if one > 0
        else _("%(days)d days before its end") % {"days": -one - 1}
    )
