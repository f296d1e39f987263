"""Stored files that go with the rows they belong to."""

from functools import partial

from django.db import transaction
from django.db.models.fields.files import FieldFile


def delete_after(file: FieldFile) -> None:
    """Delete the stored file once the open transaction is committed, and not when it is undone."""
    if file.name:
        transaction.on_commit(partial(file.storage.delete, file.name), robust=True)
