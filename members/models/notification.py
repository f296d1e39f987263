import uuid

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
    (`times`) and keeps the latest words.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="+")
    membership = models.ForeignKey("members.Membership", models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=60)
    about = models.CharField(max_length=120, blank=True)
    words = models.JSONField(default=dict)
    url = models.CharField(max_length=500, blank=True)
    times = models.PositiveIntegerField(default=1)
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
