"""Pictures of gatherings: sent and described by who looks after one, read by who sees it."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.services.attachments import LARGEST
from communities.views.writing import sent
from gatherings.api import told
from gatherings.api.shapes import PictureShape
from gatherings.models import EventPicture
from gatherings.services import pictures
from kernel.api import etags
from kernel.api.fields import BinaryFile, Text
from kernel.api.operations import operation
from kernel.api.parsers import FileParser
from kernel.api.serializers import Body
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.uploads import AROUND
from members.actors import Actor

PICTURE = told.EVENT | {"picture_key": "The picture's id."}


class NewPicture(Body):
    """A picture to show with a gathering."""

    file = BinaryFile(
        max_length=1000,
        allow_empty_file=True,
        help_text="JPEG, PNG, WebP or GIF, of 20 MB at the most.",
    )
    alt = Text(required=False, max_length=300, allow_blank=True, help_text="What is on it.")
    later = serializers.ChoiceField(
        required=False,
        choices=["true", "false"],
        help_text="Of a series: whether those that come after it show it too.",
    )


class PictureWords(Body):
    """What is on a picture."""

    alt = Text(max_length=300, allow_blank=True, help_text="For those who do not see it.")


class Pictures(ApiView):
    tag = "events"
    places = told.EVENT
    max_body = LARGEST + AROUND
    parser_classes = (FileParser,)

    @operation(
        "add_picture",
        "Add a picture to a gathering",
        answers={201: PictureShape},
        body=NewPicture,
        refuses=(422,),
    )
    def post(self, request: Request, event_key: UUID) -> Response:
        """Put a picture last of a gathering's, as one of its hosts or of the staff; the first is the cover. It is made anew,
        without what a camera tells. A gathering has eight at the most."""
        event, given = told.find(request, event_key), self.read_body()
        made = pictures.add(
            event=event,
            sent=given["file"],
            alt=given.get("alt", ""),
            later=given.get("later") == "true",
            at=now(),
            by=Actor.of_request(request),
        )
        names = {"community_slug": event.community.slug, "event_key": event.key, "picture_key": made.key}
        place = request.build_absolute_uri(reverse("api:picture", kwargs=names))
        return Response(PictureShape(made).data, status=201, headers={"Location": place})


class OnePicture(ApiView):
    tag = "events"
    places = PICTURE

    @operation("read_picture", "Read what a picture is", answers={200: PictureShape}, tagged=True)
    def get(self, request: Request, event_key: UUID, picture_key: UUID) -> Response:
        """A picture of a gathering that the caller may see."""
        return self.one(PictureShape(_picture(request, event_key, picture_key)))

    @operation(
        "describe_picture",
        "Say what is on a gathering's picture",
        answers={200: PictureShape},
        body=PictureWords,
        tagged=True,
        refuses=(422,),
        example={"alt": "The mill, seen from the pond"},
    )
    def patch(self, request: Request, event_key: UUID, picture_key: UUID) -> Response:
        """Say what is on it, wherever in a series it stands."""
        row, given = _picture(request, event_key, picture_key), self.read_body()
        etags.require(request, etags.of(PictureShape(row).data))
        told_of = pictures.describe(picture=row, at=now(), by=Actor.of_request(request), **given)
        return self.one(PictureShape(told_of))

    @operation("remove_picture", "Take a picture from a gathering", answers={204: None}, refuses=(422,))
    def delete(self, request: Request, event_key: UUID, picture_key: UUID) -> Response:
        """Take it from this gathering, and from no other of its series."""
        row = _picture(request, event_key, picture_key)
        pictures.remove(picture=row, at=now(), by=Actor.of_request(request))
        return Response(status=204)


class PictureContent(ApiView):
    tag = "events"
    places = PICTURE

    @operation("download_picture", "Download a gathering's picture", answers={200: None})
    def get(self, request: Request, event_key: UUID, picture_key: UUID) -> HttpResponseBase:
        """Its bytes, of the media type that `read_picture` says."""
        return sent(request._request, _picture(request, event_key, picture_key))


def _picture(request: Any, event_key: UUID, key: UUID) -> Any:
    event = told.seen_one(request, event_key)
    found = EventPicture.objects.filter(event=event, key=key).select_related("event").first()
    if found is None:
        raise Http404
    return found
