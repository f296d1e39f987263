from django.db import migrations, models

import gatherings.models.place


class Migration(migrations.Migration):
    """Turns of before have no code: they are members', who come to theirs signed in."""

    dependencies = [("gatherings", "0006_whom_it_reached")]

    operations = [
        migrations.AddField(
            model_name="waiting",
            name="code",
            field=models.CharField(editable=False, max_length=20, null=True, unique=True),
        ),
        migrations.AlterField(
            model_name="waiting",
            name="code",
            field=models.CharField(
                default=gatherings.models.place.ticket_code,
                editable=False,
                max_length=20,
                null=True,
                unique=True,
            ),
        ),
    ]
