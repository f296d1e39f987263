import json
import uuid
import zlib
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


def private_storage() -> Storage:
    """Where files lie that no address leads to."""
    return storages["private"]


def random_name(run: "ImportRun", filename: str) -> str:
    """A name that tells nothing and that nobody chose: what a person called the file is kept in the row."""
    return f"imports/{uuid.uuid4().hex}"


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def of(self, community_id: int) -> "ImportRunQuerySet":
        return self.filter(community_id=community_id)

    def unfinished(self) -> "ImportRunQuerySet":
        return self.filter(state__in=[ImportRun.State.WAITING, ImportRun.State.RUNNING])


class ImportRun(models.Model):
    """A file that goes in: what was asked, how far it is, and what became of its rows.

    `offset` and `line` say where the next row begins; they, the counts and the parts of the report change in
    the same transaction as the rows themselves, so that a run goes on exactly where it stopped.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("import", "Waiting")
        RUNNING = "running", pgettext_lazy("import", "Running")
        DONE = "done", pgettext_lazy("import", "Done")
        FAILED = "failed", pgettext_lazy("import", "Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="import_runs")
    kind = models.CharField(_("kind"), max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    options = models.JSONField(default=dict)
    file = models.FileField(storage=private_storage, upload_to=random_name, blank=True)
    filename = models.CharField(_("file"), max_length=200)
    size = models.BigIntegerField()
    header = models.JSONField(default=list)
    ignored = models.JSONField(_("columns left out"), default=list)
    offset = models.BigIntegerField()
    line = models.IntegerField()
    rows = models.IntegerField(default=0)
    created = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    problems = models.JSONField(default=list)
    failure = models.CharField(max_length=240, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_words = models.CharField(max_length=120)
    address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(_("asked for"))
    started_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["community", "-created_at"], name="import_run_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    rows=models.F("created")
                    + models.F("updated")
                    + models.F("unchanged")
                    + models.F("rejected")
                ),
                name="import_run_counts_add_up",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.filename}"

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)

    @property
    def progress(self) -> float:
        """The share of the file that has been read, 0 to 1."""
        if self.state == self.State.DONE:
            return 1.0
        return min(self.offset / self.size, 1.0) if self.rows else 0.0

    @property
    def counts(self) -> dict[str, int]:
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
        }


class ImportPart(models.Model):
    """The verdicts on one chunk's rows: JSON lines, compressed with zlib.

    A line is [line, outcome], and for a rejected row [line, outcome, column, code, params, cells].
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="parts")
    offset = models.BigIntegerField()
    body = models.BinaryField()

    class Meta:
        ordering = ["offset"]
        constraints = [models.UniqueConstraint(fields=["run", "offset"], name="import_part_once")]

    def __str__(self) -> str:
        return f"{self.run_id} from {self.offset}"

    def verdicts(self) -> Iterator[list[Any]]:
        for line in zlib.decompress(self.body).splitlines():
            yield json.loads(line)
