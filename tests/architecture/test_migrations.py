"""Migrations are linear within each app and complete."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

OURS = ["members", "communities", "gatherings", "commerce", "engagement"]


@pytest.mark.parametrize("app", OURS)
def test_migrations_are_one_line(app):
    loader = MigrationLoader(None)
    assert apps.is_installed(app)
    assert len(loader.graph.leaf_nodes(app)) == 1
    numbers = sorted(name[:4] for label, name in loader.disk_migrations if label == app)
    assert numbers == [f"{position:04d}" for position in range(1, len(numbers) + 1)]


@pytest.mark.django_db
def test_no_model_change_lacks_its_migration():
    out = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=out)
    assert out.getvalue() == "No changes detected\n"
