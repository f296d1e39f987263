from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Chapter(models.Model):
    """A circle whose members live near each other: around a city, whose middle is where its coordinates say."""

    circle = models.OneToOneField("communities.Circle", models.CASCADE, related_name="chapter")
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="chapters")
    city = models.CharField(_("city"), max_length=120)
    country = models.CharField(_("country"), max_length=2)
    latitude = models.FloatField()
    longitude = models.FloatField()
    founded_at = models.DateTimeField()

    class Meta:
        ordering = ["city", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__range=(-90, 90)) & Q(longitude__range=(-180, 180)),
                name="chapter_is_somewhere",
            )
        ]

    def __str__(self) -> str:
        return self.city
