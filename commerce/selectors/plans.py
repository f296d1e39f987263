"""Plans as pages show them."""

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from commerce.models import Plan, Subscription
from commerce.periods import Interval

_PER = {
    Interval.MONTH: _("a month"),
    Interval.QUARTER: _("a quarter"),
    Interval.YEAR: _("a year"),
    Interval.LIFETIME: _("for life"),
}


def at_the_desk(community_id: int) -> QuerySet[Plan]:
    """All plans, those put away last, each with how many have `subscribed`."""
    alive = ~Q(subscriptions__status=Subscription.Status.ENDED) & Q(subscriptions__isnull=False)
    counted = Plan.objects.of(community_id).annotate(subscribed=Count("subscriptions", filter=alive))
    return counted.select_related("tier").order_by("archived_at", "position", "id")


def per(plan: Plan) -> str:
    """What a price is for: "a month", "for 90 days"; of a group, of each seat."""
    if plan.interval == Interval.ONCE:
        days = plan.length_days or 0
        words = ngettext("for %(n)d day", "for %(n)d days", days) % {"n": days}
    else:
        words = str(_PER[Interval(plan.interval)])
    return str(_("each seat, %(interval)s") % {"interval": words}) if plan.group else words
