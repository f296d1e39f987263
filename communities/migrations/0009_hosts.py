from django.db import migrations, models


class Migration(migrations.Migration):
    """Circles that members open, and those who look after them."""

    dependencies = [
        ("communities", "0008_circle_requests"),
    ]

    operations = [
        migrations.AddField(
            model_name="circlemembership",
            name="is_host",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="community",
            name="members_open_circles",
            field=models.BooleanField(default=False, verbose_name="members may open circles"),
        ),
    ]
