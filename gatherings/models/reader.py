from django.db import models


class EventReader(models.Model):
    """That a member has opened an event's page before it was over: whom it reached. Neither when nor how often is kept."""

    # Without a constraint in the database: whoever opens the page would wait for those who take a place, and hold its row.
    event = models.ForeignKey("gatherings.Event", models.CASCADE, related_name="readers", db_constraint=False)
    membership = models.ForeignKey("members.Membership", models.CASCADE, related_name="events_read")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "membership"], name="event_reader_once")]
