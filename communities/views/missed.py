"""What a member has missed, told when they come back."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from communities.selectors import missed
from kernel import visits
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.tenancy import TenantRequest

#: The days that can be asked for, beside those since the last visit.
CHOICES = (7, 30)


class WhatIMissed(MembersOnly, View):
    """A few threads in which something befell since the member was here, or within some days; each says why."""

    def get(self, request: TenantRequest) -> HttpResponse:
        at, asked = now(), request.GET.get("days", "")
        days = int(asked) if asked in map(str, CHOICES) else 0
        last = None if days else visits.last_before(request.membership, at)
        since = at - timedelta(days=days) if days else missed.since_for(last, at)
        tabs = [(_("Since I was here"), request.path, not days)]
        for n in CHOICES:
            words = ngettext("%(n)d day", "%(n)d days", n) % {"n": n}
            tabs.append((words, f"?days={n}", days == n))
        context = {
            "community": request.community,
            "tabs": tabs,
            "since": since,
            "missed": missed.of(request.community, request.membership, since=since, at=at),
        }
        return render(request, "communities/talk/missed.html", context)
