"""How long a community keeps what is personal: decided by its staff, done by itself in portions."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import sweeps
from kernel.errors import Refused
from kernel.locks import locked
from kernel.tenancy import Community
from members.actors import Actor
from members.models import Membership, PrivacyPolicy
from members.selectors import retention
from members.services import accounts, audit, erasure, mail_removal, powers

FIELDS = ("after_leaving", "after_rejection", "audit_values", "letters", "contact", "words")
MONTHS = FIELDS[:3]
LONGEST, LONGEST_DAYS = 240, 3650
#: Members erased, and entries emptied or letters removed, before the time is looked at.
PORTION = 50
ENTRIES = 1000
SITE = Actor.site("Clean-up")


@transaction.atomic
def decide(*, community: Community, at: datetime, by: Actor, **fields: Any) -> PrivacyPolicy:
    """Change some of `FIELDS`; months are None for without end, days of letters for as long as the site keeps them.

    Raises `Refused` for months that are not 1 to 240, for days that are not 1 to 3650, and for an actor who may not
    change settings any more.
    """
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise ValueError(f"Not decisions about privacy: {', '.join(sorted(unknown))}")
    powers.require(by, "settings.change")
    for name in MONTHS:
        months = fields.get(name)
        if months is not None and not 1 <= months <= LONGEST:
            raise Refused(_("Between 1 and 240 months, or empty."), code="range", field=name)
    if fields.get("letters") is not None and not 1 <= fields["letters"] <= LONGEST_DAYS:
        raise Refused(_("Between 1 and 3650 days, or empty."), code="range", field="letters")
    PrivacyPolicy.objects.get_or_create(community_id=community.id, defaults={"changed_at": at})
    policy = locked(PrivacyPolicy.objects.filter(community_id=community.id)).get()
    before, after = audit.changed({name: getattr(policy, name) for name in fields}, fields)
    if not after:
        return policy
    for name, value in after.items():
        setattr(policy, name, value)
    policy.changed_at = at
    policy.save(update_fields=[*after, "changed_at"])
    audit.record(
        action="privacy.changed",
        object_kind="privacy",
        by=by,
        at=at,
        community_id=community.id,
        before=before,
        after=after,
    )
    return policy


def clean_up(*, now: Callable[[], datetime], budget: timedelta) -> int:
    """Remove what is due in every community and of the site's own, until it is done or the budget is used up; how much
    went.

    What is left is found by the next call: nothing is remembered but what stands in the rows.
    """
    until, gone = now() + budget, 0
    decided = PrivacyPolicy.objects.order_by("community_id").iterator(chunk_size=500)
    undecided = (retention.policy(community_id) for community_id in retention.undecided(at=now()))
    for policy in chain(decided, undecided):
        gone += sweeps.alone("Privacy policy", policy, lambda one: _clean(one, now=now, until=until))
        if now() >= until:
            break
    return gone + _clean_site(now=now, until=until)


def _clean(policy: PrivacyPolicy, *, now: Callable[[], datetime], until: datetime) -> int:
    """What was removed of one community; the audit log says how much."""
    counts = {"members": 0, "applications": 0, "entries": 0, "letters": 0}
    skipped: set[int] = set()
    while now() < until:
        due = retention.due(policy, at=now())
        members = list(due.members.exclude(pk__in=skipped)[:PORTION])
        applicants = list(due.applicants.exclude(pk__in=skipped)[:PORTION])
        for kind, people in (("members", members), ("applications", applicants)):
            for member in people:
                if sweeps.alone("Member", member, lambda member: _erase(member, at=now())):
                    counts[kind] += 1
                else:
                    skipped.add(member.pk)
        entries = list(due.entries.order_by("entry_id").values_list("pk", flat=True)[:ENTRIES])
        if entries:
            rows = due.entries.model.objects.filter(pk__in=entries)
            counts["entries"] += audit.empty(rows, at=now())
        letters = mail_removal.remove(due.letters, most=ENTRIES, at=now())
        counts["letters"] += letters
        if not (members or applicants or entries or letters):
            break
    if any(counts.values()):
        audit.record(
            action="retention.done",
            object_kind="privacy",
            by=SITE,
            at=now(),
            community_id=policy.community_id,
            after={name: count for name, count in counts.items() if count},
        )
    return sum(counts.values())


def _erase(member: Membership, *, at: datetime) -> bool:
    try:
        erasure.erase(membership=member, at=at, by=SITE)
    except Refused:
        return False
    return True


def _clean_site(*, now: Callable[[], datetime], until: datetime) -> int:
    """What was removed of what belongs to no community."""
    gone = 0
    skipped: set[int] = set()
    while now() < until:
        due = retention.site_due(at=now())
        done = mail_removal.remove(due.letters, most=ENTRIES, at=now())
        done += mail_removal.empty(due.words, most=ENTRIES)
        for user in list(due.accounts.exclude(pk__in=skipped)[:PORTION]):
            if accounts.remove_unproven(user=user):
                done += 1
            else:
                skipped.add(user.pk)
        if not done:
            break
        gone += done
    return gone
