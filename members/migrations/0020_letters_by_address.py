from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("members", "0019_counted_by_index")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                models.F("community"),
                OpClass(Upper("address"), name="text_pattern_ops"),
                name="message_by_address",
            ),
        ),
    ]
