from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0018_letters_go"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="membership", name="membership_by_name"),
        migrations.RemoveIndex(model_name="membership", name="membership_by_status"),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", True)),
                fields=["community", "sort_key", "number"],
                include=["id"],
                name="membership_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", True)),
                fields=["community", "status"],
                include=["id"],
                name="membership_by_status",
            ),
        ),
    ]
