"""What the API says of pictures and files."""

from rest_framework import serializers

from kernel.api.serializers import Shape


class FileShape(Shape):
    """A picture or file of a post or comment."""

    id = serializers.UUIDField(source="key")
    name = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes that it takes, with its small copy.")
    width = serializers.IntegerField(allow_null=True, help_text="Of a picture, in pixels.")
    height = serializers.IntegerField(allow_null=True)
    alt = serializers.CharField(help_text="What is on a picture, for those who do not see it.")
    decorative = serializers.BooleanField(source="is_decorative")
