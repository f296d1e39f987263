from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("communities", "0003_kept_answers")]

    operations = [
        migrations.AddField(
            "community",
            "colour",
            models.CharField("colour", max_length=7, blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "community",
            models.CheckConstraint(
                condition=Q(colour__regex=r"^(#[0-9a-f]{6})?$"), name="community_colour_is_hexadecimal"
            ),
        ),
    ]
