from django.db import models


class RecognitionDay(models.Model):
    """What a community earned on a day of what was paid ahead, in one currency: posted once, when the day was over.

    `discount` is what coupons took off it."""

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="recognition_days")
    currency = models.CharField(max_length=3)
    day = models.DateField()
    revenue = models.BigIntegerField()
    discount = models.BigIntegerField()
    recognised_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "day", "currency"], name="recognised_once_a_day")
        ]
