"""The conversations of two records of one person: one with each of the others, in which nothing is lost."""

from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from communities.models import Conversation, DirectMessage, Side
from kernel.merging import Part

_FIELDS = (
    "Conversation.low",
    "Conversation.high",
    "Conversation.opened_by",
    "Side.membership",
    "DirectMessage.author",
)


def _of(member: int) -> QuerySet[Conversation]:
    return Conversation.objects.filter(Q(low=member) | Q(high=member), merged_into=None)


def _count(merged: int) -> int:
    return _of(merged).count()


def _move(merged: int, kept: int) -> dict[str, Any]:
    """What the two records wrote to one another stays where it is. Where who is kept has a conversation with the same
    other one, the messages go into that; any other goes over as it is."""
    turned: list[int] = []
    joined: list[list[Any]] = []
    wrote = DirectMessage.objects.filter(author=merged).order_by("pk")
    authored = list(wrote.exclude(_between(merged, kept)).values_list("pk", flat=True))
    DirectMessage.objects.filter(pk__in=authored).update(author=kept)
    for one in _of(merged).order_by("pk").select_for_update():
        third = one.high_id if one.low_id == merged else one.low_id
        if third == kept:
            continue
        low, high = sorted([third, kept])
        there = Conversation.objects.filter(low=low, high=high, merged_into=None).select_for_update().first()
        if there is None:
            _turn(one, merged, kept)
            turned.append(one.pk)
            continue
        keys = list(one.direct_messages.order_by("pk").values_list("pk", flat=True))
        joined.append([one.pk, there.pk, keys, there.answered_at is None])
        DirectMessage.objects.filter(pk__in=keys).update(conversation=there)
        Conversation.objects.filter(pk=one.pk).update(merged_into=there)
        if there.answered_at is None and _both_wrote(there):
            Conversation.objects.filter(pk=there.pk).update(answered_at=one.created_at)
        for side in Side.objects.filter(conversation=one, unread__gt=0):
            whose = Side.objects.filter(
                conversation=there, membership=kept if side.membership_id == merged else third
            )
            whose.update(unread=F("unread") + side.unread)
        _tell_time(there.pk)
    return {"authored": authored, "turned": turned, "joined": joined}


def _restore(merged: int, kept: int, moved: Any) -> None:
    DirectMessage.objects.filter(pk__in=moved["authored"], author=kept).update(author=merged)
    for one in Conversation.objects.filter(pk__in=moved["turned"]).order_by("pk").select_for_update():
        _turn(one, kept, merged)
    for pk, there, keys, unanswered in moved["joined"]:
        DirectMessage.objects.filter(pk__in=keys, conversation=there).update(conversation=pk)
        Conversation.objects.filter(pk=pk).update(merged_into=None)
        if unanswered and not _both_wrote(Conversation.objects.get(pk=there)):
            Conversation.objects.filter(pk=there).update(answered_at=None)
        _tell_time(there)


def _turn(one: Conversation, before: int, after: int) -> None:
    """Let the conversation be the other record's."""
    third = one.high_id if one.low_id == before else one.low_id
    one.low_id, one.high_id = sorted([third, after])
    if one.opened_by_id == before:
        one.opened_by_id = after
    one.save(update_fields=["low", "high", "opened_by"])
    Side.objects.filter(conversation=one, membership=before).update(membership=after)


def _between(merged: int, kept: int) -> Q:
    low, high = sorted([merged, kept])
    return Q(conversation__low=low, conversation__high=high)


def _both_wrote(one: Conversation) -> bool:
    return one.direct_messages.values("author").distinct().count() > 1


def _tell_time(conversation: int) -> None:
    """When the last of its messages came, told to both."""
    last = DirectMessage.objects.filter(conversation=conversation).order_by("-created_at").first()
    if last is not None:
        Side.objects.filter(conversation=conversation).update(last_at=last.created_at)


PART = Part(
    "communities.conversations",
    label=_("Messages with other members"),
    fields=frozenset(f"communities.{field}" for field in _FIELDS),
    count=_count,
    move=_move,
    restore=_restore,
)
