"""What a member is writing, as they find it again."""

from django.db.models import QuerySet

from communities.models import Draft
from kernel.keyset import Order
from members.models import Membership

LAST_SAVED = Order("saved_at", descending=True)


def of(author: Membership) -> QuerySet[Draft]:
    """The member's own drafts with all that a list tells of them."""
    return Draft.objects.filter(author=author).select_related(
        "circle", "post__circle", "post__author", "comment__author"
    )


def listed(author: Membership) -> list[Draft]:
    """All of them, the last saved first: `services.drafts.MOST` at most."""
    return list(of(author).order_by("-saved_at", "-id"))
