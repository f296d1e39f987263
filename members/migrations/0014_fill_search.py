from django.db import migrations

from members import search

BATCH = 2000


def fill(apps, schema_editor):
    """Everybody is found by what they are called; who was erased, by nothing."""
    memberships = apps.get_model("members", "Membership").objects.filter(erased_at=None)
    entries = apps.get_model("members", "SearchEntry").objects
    last = 0
    while rows := list(memberships.filter(pk__gt=last).order_by("pk")[:BATCH]):
        found = (
            (row, search.words_of(name=row.name, rest=(row.email, row.city, row.external_id))) for row in rows
        )
        entries.bulk_create(
            entries.model(
                membership=row, name=words.name, readings=words.readings, rest=words.rest, terms=words.terms
            )
            for row, words in found
        )
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0013_search_entry"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
