import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0006_invitations"),
        ("members", "0007_no_loops"),
    ]

    operations = [
        migrations.AddField(
            model_name="circle",
            name="minimum_tier",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="members.tier",
                verbose_name="from which tier on",
            ),
        ),
    ]
