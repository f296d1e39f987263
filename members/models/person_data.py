import uuid
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.import_run import private_storage


def random_name(export: "PersonExport", filename: str) -> str:
    """A name that tells nothing."""
    return f"people/{uuid.uuid4().hex}"


class PersonExport(models.Model):
    """Everything held on a person, asked for by them: a zip that they alone can fetch, until `expires_at`.

    `done` of `total` kinds of data are written.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("export", "Waiting")
        RUNNING = "running", pgettext_lazy("export", "Being made")
        READY = "ready", pgettext_lazy("export", "Ready")
        FAILED = "failed", pgettext_lazy("export", "Failed")
        DELETED = "deleted", pgettext_lazy("export", "Deleted")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    done = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    file = models.FileField(storage=private_storage, upload_to=random_name, blank=True)
    size = models.BigIntegerField(default=0)
    asked_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=["waiting", "running"]),
                name="person_export_one_at_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.state}"

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)


class ErasureRequest(models.Model):
    """A person's wish to be erased, in one community (`membership`) or altogether, carried out from `due_at` on."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("erasure", "Waiting")
        WITHDRAWN = "withdrawn", pgettext_lazy("erasure", "Withdrawn")
        DONE = "done", pgettext_lazy("erasure", "Done")
        REFUSED = "refused", pgettext_lazy("erasure", "Not possible")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    membership = models.ForeignKey("members.Membership", models.CASCADE, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "membership"],
                condition=Q(state="waiting"),
                name="erasure_asked_once",
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="waiting"), name="erasure_due")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.state}"


def _months(words: Any) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        words, null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(240)]
    )


class PrivacyPolicy(models.Model):
    """How long a community keeps what is personal, and what it says about it itself. Empty months: without end.

    Without a row nobody is erased by themselves. `letters` are days; empty: as long as the site keeps them.
    """

    community = models.OneToOneField("communities.Community", models.CASCADE, related_name="privacy_policy")
    after_leaving = _months(_("months after the end of a membership"))
    after_rejection = _months(_("months after an application was rejected or withdrawn"))
    audit_values = _months(_("months for names and values in the audit log"))
    letters = models.PositiveSmallIntegerField(
        _("days for letters in the log"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
    )
    contact = models.CharField(_("whom to ask"), max_length=200, blank=True)
    words = models.TextField(_("in your own words"), max_length=20_000, blank=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"of {self.community_id}"


class Purpose(models.TextChoices):
    """What a community uses a member's data for."""

    MEMBERSHIP = "membership", _("To run your membership")
    MESSAGES = "messages", _("To write to you about it")
    FIGURES = "figures", _("To see how the community is doing, in figures")
    SAFETY = "safety", _("To know who changed what")


class PurposeNotice(models.Model):
    """What a person was told on joining: the purposes, and which words of the community's own stood there."""

    membership = models.ForeignKey("members.Membership", models.CASCADE, related_name="purpose_notices")
    purposes = models.JSONField(default=list)
    words_of = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.membership_id}: {self.at:%Y-%m-%d}"
