from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0018_attachments"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="poll",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="poll",
            name="closed_at",
            field=models.DateTimeField(null=True),
        ),
    ]
