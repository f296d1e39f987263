from django.conf import settings
from django.db import models
from django.utils.crypto import get_random_string


def feed_token() -> str:
    """What a calendar's address ends with: whoever has it reads along, so nobody guesses it."""
    return get_random_string(40)


class CalendarFeed(models.Model):
    """A person's own calendar, as an address that calendar programs ask for by themselves: what they come to, in all
    their communities. A new token ends the address of before."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed")
    token = models.CharField(max_length=40, unique=True, default=feed_token, editable=False)
    made_at = models.DateTimeField()
