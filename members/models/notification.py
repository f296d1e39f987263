import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of_person(self, user_id: int) -> "NotificationQuerySet":
        return self.filter(membership__user_id=user_id)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at__isnull=True)


class Notification(models.Model):
    """Something a member is told in the page.

    What happens again while it is unread is told once: notices of one kind and `about` are one row, which counts
    (`times`), knows by number whose doing it was (`actors`, the last one last) and keeps the latest words. `letter` is the
    letter that went with it: until it is read there is no other.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="+")
    membership = models.ForeignKey("members.Membership", models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=60)
    about = models.CharField(max_length=120, blank=True)
    words = models.JSONField(default=dict)
    url = models.CharField(max_length=500, blank=True)
    times = models.PositiveIntegerField(default=1)
    actors = ArrayField(models.PositiveIntegerField(), default=list)
    letter = models.UUIDField(null=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["membership", "-at"], name="notification_by_time"),
            models.Index(
                fields=["membership"], condition=Q(read_at__isnull=True), name="notification_unread"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "kind", "about"],
                condition=Q(read_at__isnull=True) & ~Q(about=""),
                name="notification_grouped",
            )
        ]

    def __str__(self) -> str:
        return self.kind


class Waiting(models.Model):
    """What a member is told by letter later, at `due_at`: at the end of their quiet hours, or in their daily letter. All that
    is due at one time goes as one. Of one kind and `about` there is one row, as of notices."""

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="+", db_index=False)
    membership = models.ForeignKey("members.Membership", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    about = models.CharField(max_length=120, blank=True)
    dedupe = models.CharField(max_length=200, null=True, unique=True)
    words = models.JSONField(default=dict)
    url = models.CharField(max_length=500, blank=True)
    actors = ArrayField(models.PositiveIntegerField(), default=list)
    at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "kind", "about"], condition=~Q(about=""), name="waiting_grouped"
            )
        ]

    def __str__(self) -> str:
        return self.kind


class QuietHours(models.Model):
    """Between which times of day a person gets no letters, by the clock of `timezone` or, where that is empty, of each
    community. They may reach over midnight."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="quiet_hours", primary_key=True
    )
    begins = models.TimeField()
    ends = models.TimeField()
    timezone = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(begins=models.F("ends")), name="quiet_hours_last")]

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"


class DailyWish(models.Model):
    """That a member wants letters of this kind in one letter a day, and not at once."""

    membership = models.ForeignKey(
        "members.Membership", models.CASCADE, related_name="daily_wishes", db_index=False
    )
    kind = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["membership", "kind"], name="daily_wish_once")]

    def __str__(self) -> str:
        return self.kind
