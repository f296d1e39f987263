"""How far members have read: marked as they read, all at once, and forgotten once it says nothing any more."""

import logging
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q

from communities.models import Circle, CircleMembership, Comment, Post, ThreadRead
from communities.selectors.unread import HORIZON
from members.models import Membership

log = logging.getLogger(__name__)

#: A mark goes forward only, whichever of two pages is noted last.
_READ = """
    INSERT INTO communities_threadread (membership_id, post_id, until) VALUES (%s, %s, %s)
    ON CONFLICT (membership_id, post_id) DO UPDATE SET until = EXCLUDED.until
    WHERE communities_threadread.until < EXCLUDED.until
"""


def read(*, post: Post, membership: Membership, until: datetime) -> None:
    """The member has read what was written in the thread until then."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [membership.pk, post.pk, until])


def read_page(*, post: Post, membership: Membership, until: datetime | None, is_last: bool) -> None:
    """The member has a page of the thread before them, whose last comment was written then. They came to read it:
    should that not be noted, it is logged and the page is shown."""
    try:
        read(post=post, membership=membership, until=post.last_at if is_last else until or post.created_at)
    except Exception:
        log.exception("It was not noted how far a thread was read.")


def answered(*, comment: Comment, answered: Membership, at: datetime) -> None:
    """Who answers has read what they answer to."""
    read(post=comment.post, membership=comment.author, until=at)


@transaction.atomic
def read_all(*, membership: Membership, until: datetime, circle: Circle | None = None) -> None:
    """All that was written until then in the member's circles, or in one of them, counts as read."""
    places = CircleMembership.objects.filter(membership=membership)
    if circle is not None:
        places = places.filter(circle=circle)
    earlier = Q(read_until=None) | Q(read_until__lt=until)
    kept = list(places.filter(earlier).order_by("pk").select_for_update().values_list("circle", flat=True))
    places.filter(circle__in=kept).update(read_until=until)
    ThreadRead.objects.filter(membership=membership, until__lte=until, post__circle__in=kept).delete()


def forget(*, at: datetime, most: int = 10_000) -> int:
    """Take marks away that are older than anything that is new; so many at the most. How many it were."""
    old = ThreadRead.objects.filter(until__lt=at - HORIZON).order_by("until").values_list("pk", flat=True)
    gone, _kinds = ThreadRead.objects.filter(pk__in=list(old[:most])).delete()
    return gone
