import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MessageQuerySet(models.QuerySet["Message"]):
    def of(self, community_id: int) -> "MessageQuerySet":
        return self.filter(community_id=community_id)

    def due(self, at: datetime) -> "MessageQuerySet":
        """Those whose turn it is, the most urgent first."""
        return self.filter(state=Message.State.QUEUED, next_at__lte=at).order_by("priority", "next_at")


class Message(models.Model):
    """One letter to one address, from the moment it is written.

    `dedupe` names what it is about: a second letter of the same name is never written. `attempts` counts and also
    names the attempts: whoever claimed the row with one number may not act on it once it has another. `handed_at`
    is when its words went to the mail server; a row that stands there is never sent again by itself. The words
    are dropped once they are not needed any more.
    """

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("mail", "Waiting")
        SENDING = "sending", pgettext_lazy("mail", "Being sent")
        SENT = "sent", pgettext_lazy("mail", "Sent")
        FAILED = "failed", pgettext_lazy("mail", "Failed")
        UNSURE = "unsure", pgettext_lazy("mail", "Perhaps sent")
        SUPPRESSED = "suppressed", pgettext_lazy("mail", "Held back")

    class Reason(models.TextChoices):
        """Why it did not go, or is not known to have gone."""

        SWITCHED_OFF = "switched_off", _("The reader has switched this kind off.")
        BOUNCED = "bounced", _("This address did not take mail before.")
        NO_ADDRESS = "no_address", _("No e-mail address is known.")
        QUOTA = "quota", _("The community has used up its mail for today.")
        REFUSED = "refused", _("The mail server refused it.")
        UNREACHED = "unreached", _("The mail server was not reached in time.")
        READ = "read", _("The reader has seen it in the page meanwhile.")
        CUT_OFF = "cut_off", _("Sending was cut off: it may have arrived.")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, null=True, related_name="messages")
    membership = models.ForeignKey("members.Membership", models.SET_NULL, null=True, related_name="messages")
    kind = models.CharField(_("kind"), max_length=60)
    dedupe = models.CharField(max_length=200, null=True, unique=True)
    address = models.EmailField(_("e-mail address"), blank=True)
    language = models.CharField(max_length=10)
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    priority = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices, blank=True)
    detail = models.CharField(max_length=240, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    by_words = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(_("written"))
    next_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["priority", "next_at"], condition=Q(state="queued"), name="message_due"),
            models.Index(fields=["claimed_at"], condition=Q(state="sending"), name="message_claimed"),
            models.Index(fields=["community", "-created_at", "-id"], name="message_by_time"),
            models.Index(fields=["community", "state", "-created_at", "-id"], name="message_by_state"),
            models.Index(
                fields=["community", "finished_at"],
                condition=Q(finished_at__isnull=False),
                name="message_finished",
            ),
            models.Index(fields=["membership", "-created_at"], name="message_of_member"),
            models.Index(
                F("community"), OpClass(Upper("address"), name="text_pattern_ops"), name="message_by_address"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(handed_at__isnull=True) | ~Q(state="queued"), name="message_never_twice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def is_undecided(self) -> bool:
        """Whether it ended so that staff may want it sent again."""
        return self.state in (self.State.FAILED, self.State.UNSURE)


class LetterName(models.Model):
    """The `dedupe` of a letter whose row has been removed, so that it is not written a second time."""

    name = models.CharField(max_length=200, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class MailTemplate(models.Model):
    """A community's own words for a kind of mail in one language."""

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="mail_templates")
    kind = models.CharField(max_length=60)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), max_length=20_000)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "kind", "language"], name="mail_template_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.language})"


class OptOut(models.Model):
    """What a member, or an address that is nobody's, does not want of a community. `kind` empty: all that is optional."""

    class Channel(models.TextChoices):
        MAIL = "mail", _("E-mail")
        PAGE = "page", _("In the page")

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="+")
    membership = models.ForeignKey("members.Membership", models.CASCADE, null=True, related_name="opt_outs")
    address = models.EmailField(blank=True)
    channel = models.CharField(max_length=4, choices=Channel.choices, default=Channel.MAIL)
    kind = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "channel", "kind"],
                condition=Q(membership__isnull=False),
                name="opt_out_once_a_member",
            ),
            models.UniqueConstraint(
                F("community"),
                Lower("address"),
                F("channel"),
                F("kind"),
                condition=Q(membership__isnull=True),
                name="opt_out_once_an_address",
            ),
            models.CheckConstraint(
                condition=Q(membership__isnull=True) ^ Q(address=""), name="opt_out_of_one_reader"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.kind or '*'}"


class DeadAddress(models.Model):
    """An address that refused a community's mail for good: nothing more is sent there until staff lift it."""

    community = models.ForeignKey("communities.Community", models.CASCADE, null=True, related_name="+")
    address = models.EmailField(_("e-mail address"))
    detail = models.CharField(max_length=240, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("community"), Lower("address"), name="dead_address_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.address


class DigestWeek(models.Model):
    """That a community's digest of the week that began on `monday` has been begun, and written to its end."""

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="+")
    monday = models.DateField()
    begun_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["community", "monday"], name="digest_week_once")]

    def __str__(self) -> str:
        return f"{self.monday}"
