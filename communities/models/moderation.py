"""What members report of what is written, and what those who keep order do upon words and people."""

import uuid
from collections import Counter
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Reason(models.TextChoices):
    """Why something is reported, as members choose; `RULE` is chosen by nobody."""

    SPAM = "spam", pgettext_lazy("report", "Spam or advertising")
    HOSTILE = "hostile", pgettext_lazy("report", "Hostile or demeaning")
    OFF_TOPIC = "off_topic", pgettext_lazy("report", "Off topic")
    FALSE = "false", pgettext_lazy("report", "False or misleading")
    PRIVATE = "private", pgettext_lazy("report", "Tells private data of somebody")
    OTHER = "other", pgettext_lazy("report", "Something else")
    #: Of the community's rules for words and links, which report by themselves.
    RULE = "rule", pgettext_lazy("report", "A rule of the community")


class CaseQuerySet(models.QuerySet["Case"]):
    def of(self, community_id: int) -> "CaseQuerySet":
        return self.filter(community_id=community_id)

    def open(self) -> "CaseQuerySet":
        """Those that nobody has decided yet."""
        return self.filter(state=Case.State.OPEN)


class Case(models.Model):
    """One thing that was reported, with all its reports: it stands in the queue once, and opens again with a new report.

    `author` is who has written it, `circle` where it lies. `said` is what it said when it was reported, kept until it is
    decided: its author may take it back meanwhile. `urgency` puts the queue in order (`services.reports`).
    `decided_words` is what who decided was called then, `act` what they did, with the `reason` that the author reads.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("report", "To be decided")
        KEPT = "kept", pgettext_lazy("report", "Left as it is")
        ACTED = "acted", pgettext_lazy("report", "Acted upon")

    class Act(models.TextChoices):
        KEEP = "keep", pgettext_lazy("moderation", "Leave it as it is")
        HIDE = "hide", pgettext_lazy("moderation", "Hide it")
        LOCK = "lock", pgettext_lazy("moderation", "Close the thread")
        MOVE = "move", pgettext_lazy("moderation", "Move it to another circle")
        WARN = "warn", pgettext_lazy("moderation", "Warn its author")
        MUTE = "mute", pgettext_lazy("moderation", "Mute its author for a time")
        RESTRICT = "restrict", pgettext_lazy("moderation", "Restrict its author")
        REMOVE = "remove", pgettext_lazy("moderation", "Remove its author")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey(
        "communities.Community", models.CASCADE, related_name="cases", db_index=False
    )
    circle = models.ForeignKey("communities.Circle", models.CASCADE, related_name="cases")
    post = models.OneToOneField("communities.Post", models.CASCADE, null=True, related_name="case")
    comment = models.OneToOneField("communities.Comment", models.CASCADE, null=True, related_name="case")
    author = models.ForeignKey("members.Membership", models.CASCADE, related_name="cases")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    urgency = models.PositiveSmallIntegerField(default=0)
    said = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("members.Membership", models.SET_NULL, null=True, related_name="+")
    decided_words = models.CharField(max_length=120, blank=True)
    act = models.CharField(max_length=10, choices=Act.choices, blank=True)
    reason = models.CharField(max_length=240, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(post__isnull=True) ^ Q(comment__isnull=True), name="case_of_one_thing"
            )
        ]
        indexes = [
            models.Index(fields=["community", "urgency", "id"], condition=Q(state="open"), name="case_queue"),
            models.Index(
                fields=["community", "decided_at", "id"], condition=~Q(state="open"), name="case_decided"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why it is reported, by those that nobody has decided yet, the most frequent first."""
        waiting = [report for report in self.reports.all() if report.outcome == self.State.OPEN]
        return Counter(report.get_reason_display() for report in waiting).most_common()


class Report(models.Model):
    """A member's word against something that is written, once per member and thing, or (`reporter` None) a rule's;
    `outcome` is what became of it."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="reports", db_index=False)
    reporter = models.ForeignKey("members.Membership", models.CASCADE, null=True, related_name="reports")
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    words = models.CharField(_("a few words"), max_length=500, blank=True)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Case.State.choices, default=Case.State.OPEN)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "reporter"], name="report_once_per_member")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.reporter}"


class TalkRules(models.Model):
    """What a community lets be written: words and links that are held, refused or reported, and what newcomers may do.

    A member is new until `new_days` have passed or `new_kept` of what they wrote has stayed for a day; staff never are.
    """

    class Links(models.TextChoices):
        ALLOW = "allow", pgettext_lazy("links of newcomers", "Let them stand")
        HOLD = "hold", pgettext_lazy("links of newcomers", "Hold them for approval")
        REFUSE = "refuse", pgettext_lazy("links of newcomers", "Refuse them")

    community = models.OneToOneField("communities.Community", models.CASCADE, related_name="talk_rules")
    held_words = ArrayField(
        models.CharField(max_length=120),
        verbose_name=_("words that are held for approval"),
        default=list,
        blank=True,
    )
    refused_words = ArrayField(
        models.CharField(max_length=120), verbose_name=_("words that are refused"), default=list, blank=True
    )
    reported_words = ArrayField(
        models.CharField(max_length=120), verbose_name=_("words that are reported"), default=list, blank=True
    )
    links = models.CharField(
        _("links of newcomers"), max_length=10, choices=Links.choices, default=Links.ALLOW
    )
    domains = ArrayField(
        models.CharField(max_length=120),
        verbose_name=_("sites that may be linked to"),
        default=list,
        blank=True,
    )
    new_days = models.PositiveSmallIntegerField(_("days for which a member is new"), default=7)
    new_kept = models.PositiveSmallIntegerField(_("or until so many of their texts have stayed"), default=3)
    new_per_hour = models.PositiveSmallIntegerField(_("texts of newcomers an hour"), default=10)
    new_links = models.PositiveSmallIntegerField(_("links of newcomers in a text"), default=3)
    new_mentions = models.PositiveSmallIntegerField(_("mentions of newcomers in a text"), default=5)

    def __str__(self) -> str:
        return str(self.community)


class MeasureQuerySet(models.QuerySet["Measure"]):
    def of(self, community_id: int) -> "MeasureQuerySet":
        return self.filter(membership__community_id=community_id)

    def standing(self) -> "MeasureQuerySet":
        """Those that nobody has ended."""
        return self.filter(ended_at=None)

    def mutes(self, membership: Any, at: datetime) -> "MeasureQuerySet":
        """The mutes under which a member stands, the one that ends last first."""
        running = self.standing().filter(membership=membership, kind=Measure.Kind.MUTED, until__gt=at)
        return running.order_by("-until")


class Measure(models.Model):
    """One thing that was done upon a member or their words, with the reason that they read: their moderation record.

    `until` is when a mute ends by itself; `ended_at` says since when somebody has lifted it. `said` is the beginning of
    the words it is about, `source` the circle that a post was moved out of.
    """

    class Kind(models.TextChoices):
        HIDDEN = "hide", pgettext_lazy("measure", "Words hidden")
        LOCKED = "lock", pgettext_lazy("measure", "Thread closed")
        MOVED = "move", pgettext_lazy("measure", "Post moved")
        WARNED = "warn", pgettext_lazy("measure", "Warning")
        MUTED = "mute", pgettext_lazy("measure", "Muted")
        RESTRICTED = "restrict", pgettext_lazy("measure", "Restricted")
        REMOVED = "remove", pgettext_lazy("measure", "Removed")
        BANNED = "ban", pgettext_lazy("measure", "Banned")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey(
        "members.Membership", models.CASCADE, related_name="measures", db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    post = models.ForeignKey("communities.Post", models.CASCADE, null=True, related_name="measures")
    comment = models.ForeignKey("communities.Comment", models.CASCADE, null=True, related_name="measures")
    source = models.ForeignKey("communities.Circle", models.SET_NULL, null=True, related_name="+")
    said = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = models.ForeignKey("members.Membership", models.SET_NULL, null=True, related_name="+")
    by_words = models.CharField(max_length=120, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_words = models.CharField(max_length=120, blank=True)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("at")), name="measure_ends_after_it_began"
            ),
        ]
        indexes = [models.Index(fields=["membership", "at", "id"], name="measure_of_member")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.membership}"


class Appeal(models.Model):
    """A member's word against a measure, once for each; who has acted does not decide on it where there is another.

    `answer` is what the member reads of the decision, `decided_words` what who decided was called then.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("appeal", "Waiting for an answer")
        UPHELD = "upheld", pgettext_lazy("appeal", "It stays as it is")
        LIFTED = "lifted", pgettext_lazy("appeal", "Lifted")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    measure = models.OneToOneField(Measure, models.CASCADE, related_name="appeal")
    words = models.TextField(_("what you say to it"), max_length=2000)
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("members.Membership", models.SET_NULL, null=True, related_name="+")
    decided_words = models.CharField(max_length=120, blank=True)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["at", "id"], condition=Q(state="open"), name="appeal_queue")]

    def __str__(self) -> str:
        return f"{self.measure}: {self.get_state_display()}"
