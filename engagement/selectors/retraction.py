"""Whether what an import brought has been taken back."""

from members.models import AuditEntry, ImportRun


def of(run: ImportRun) -> AuditEntry | None:
    """The entry of the audit log that tells of it: who, when and how many facts (`after["facts"]`)."""
    entries = AuditEntry.objects.of(run.community_id).filter(object_kind="batch", object_id=str(run.pk))
    return entries.filter(action="facts.retracted").first()
