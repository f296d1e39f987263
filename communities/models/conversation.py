"""What two members write to one another, who does not want to be written to, and what was reported of it."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel import markdown
from members.models import Membership


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def between(self, one: Membership, other: Membership) -> "ConversationQuerySet":
        low, high = sorted([one.pk, other.pk])
        return self.filter(low=low, high=high)


class Conversation(models.Model):
    """All that two members of a community have written to one another: there is one for each two, `low` and `high` by the
    keys of their memberships. `opened_by` wrote first, `answered_at` is when the other did. One whose messages went into
    another, where two records of one person were merged, is `merged_into` it and shown no more."""

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="+", db_index=False)
    low = models.ForeignKey("members.Membership", models.CASCADE, related_name="+", db_index=False)
    high = models.ForeignKey("members.Membership", models.CASCADE, related_name="+")
    opened_by = models.ForeignKey("members.Membership", models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="conversation_once"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="conversation_of_two"),
        ]
        indexes = [models.Index(fields=["opened_by", "created_at"], name="conversation_by_opener")]

    def __str__(self) -> str:
        return f"{self.low_id}, {self.high_id}"

    def other(self, member: Membership) -> Membership:
        """The one of the two who this member is not."""
        return self.high if self.low_id == member.pk else self.low


class Side(models.Model):
    """A conversation as one of its two has it: how many messages they have not read, and when the last one came."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="sides")
    membership = models.ForeignKey("members.Membership", models.CASCADE, related_name="+", db_index=False)
    unread = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["membership", "conversation"], name="side_once")]
        indexes = [
            models.Index(fields=["membership", "last_at", "id"], name="side_by_time"),
            models.Index(fields=["membership"], condition=Q(unread__gt=0), name="side_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id}: {self.unread}"


class DirectMessage(models.Model):
    """One message. Once its author has taken it back its words are gone; its place stays."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="direct_messages", db_index=False
    )
    author = models.ForeignKey(
        "members.Membership", models.CASCADE, related_name="direct_messages", db_index=False
    )
    body = models.TextField(_("text"), max_length=5_000, blank=True)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["conversation", "created_at", "id"], name="direct_message_by_time"),
            models.Index(fields=["author", "created_at"], name="direct_message_by_author"),
        ]

    def __str__(self) -> str:
        return self.words[:80]

    @property
    def words(self) -> str:
        """What it says, without its marks and in one line."""
        return markdown.plain(self.body)


class Block(models.Model):
    """That a member takes no messages of another's any more; they may lift it whenever they like."""

    by = models.ForeignKey("members.Membership", models.CASCADE, related_name="blocks", db_index=False)
    whom = models.ForeignKey("members.Membership", models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["by", "whom"], name="block_once")]

    def __str__(self) -> str:
        return f"{self.by_id}: {self.whom_id}"


class MessageWish(models.Model):
    """By whom a member wants to be written to, where it is not everyone."""

    class Who(models.TextChoices):
        EVERYONE = "everyone", pgettext_lazy("who may write to me", "Every member")
        CIRCLES = "circles", pgettext_lazy("who may write to me", "Members of my circles")
        NOBODY = "nobody", pgettext_lazy("who may write to me", "Nobody")

    membership = models.OneToOneField(
        "members.Membership", models.CASCADE, related_name="message_wish", primary_key=True
    )
    who = models.CharField(max_length=10, choices=Who.choices)

    def __str__(self) -> str:
        return self.who


class MessageReport(models.Model):
    """A message that its reader has shown to those who keep order: `evidence` is what it and the few before it said at
    that moment, a list of {"by": number, "at", "body"}, the reported one last. `words` are the reporter's own;
    `outcome` is how it ended, `note` what who ended it wrote to it for the others of the staff."""

    class Reason(models.TextChoices):
        UNKIND = "unkind", pgettext_lazy("report", "Insults or threats")
        UNWANTED = "unwanted", pgettext_lazy("report", "Unwanted advances")
        SPAM = "spam", pgettext_lazy("report", "Advertising or fraud")
        OTHER = "other", pgettext_lazy("report", "Something else")

    class Outcome(models.TextChoices):
        OPEN = "", pgettext_lazy("report", "Waiting")
        SEEN_TO = "seen_to", pgettext_lazy("report", "Seen to")
        NOTHING = "nothing", pgettext_lazy("report", "Nothing wrong with it")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="+", db_index=False)
    message = models.ForeignKey(DirectMessage, models.CASCADE, related_name="reports", db_index=False)
    by = models.ForeignKey("members.Membership", models.CASCADE, related_name="+")
    about = models.ForeignKey("members.Membership", models.CASCADE, related_name="+")
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    words = models.CharField(_("a few words"), max_length=500, blank=True)
    evidence = models.JSONField(default=list)
    at = models.DateTimeField()
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey("members.Membership", models.SET_NULL, null=True, related_name="+")
    settled_words = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "by"], name="message_report_once")]
        indexes = [models.Index(fields=["community", "outcome", "at", "id"], name="message_report_queue")]

    def __str__(self) -> str:
        return f"{self.by_id}: {self.reason}"
