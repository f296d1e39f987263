"""The description of the API (OpenAPI 3.1), read off the operations."""

from typing import Any

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from kernel.api import idempotency, operations, problems
from kernel.api.fields import Text
from kernel.api.operations import Operation
from kernel.api.serializers import Body, Problem, Shape

#: What each problem means, for those that operations may answer.
PROBLEMS = {
    400: "The request does not fit this description: `errors` says what and where.",
    401: "No key, or one that is not known, has ended or has expired; and no signed-in person.",
    403: "The key lacks the scope, or the person's role the permission.",
    404: "There is no such thing, or it belongs to a community that the key or person is not of.",
    409: "A request with the same idempotency key is being worked on.",
    412: "It has changed since the entity tag of `If-Match` was read.",
    413: "The body is too large.",
    415: "The body is of a media type that is not taken here.",
    422: "It was understood and refused: `code` and `detail` say why. Nothing was changed.",
    429: "Too many requests: `Retry-After` says in how many seconds to ask again.",
}
EVERYWHERE = (400, 401, 403, 404, 429)

_SLUG = OpenApiParameter(
    "community_slug",
    str,
    OpenApiParameter.PATH,
    required=True,
    description="The community's address, as in `/c/<slug>/`.",
)
_IDEMPOTENCY = OpenApiParameter(
    idempotency.HEADER,
    {"type": "string", "minLength": 1, "maxLength": idempotency.LONGEST, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="Any text of your choice. Sent again within 24 hours with the same request, it gives the same"
    " answer and has no second effect.",
)
_SEEN = '"33a64df551425fcc55e4d42a148795d9"'
_IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` of what you read: the edit is refused with 412 when it has changed since.",
    examples=[OpenApiExample("seen", _SEEN), OpenApiExample("whatever it is now", "*")],
)
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` of what you have: 304 when it is still so.",
)


_CONDITIONS = {"GET": _IF_NONE_MATCH, "PATCH": _IF_MATCH}


class OperationSchema(AutoSchema):
    """Describes an operation from its own declaration."""

    view: Any

    @property
    def declared(self) -> Operation:
        found = operations.of(self.view, self.method)
        if found is None:
            raise LookupError(
                f"{type(self.view).__name__}.{self.method.lower()} is not declared as an operation."
            )
        return found

    def get_operation_id(self) -> str:
        return self.declared.name

    def get_summary(self) -> str:
        return self.declared.summary

    def get_tags(self) -> list[str]:
        return [self.view.tag]

    def get_extensions(self) -> dict[str, Any]:
        return {} if self.declared.example is None else {"x-example": self.declared.example}

    def get_override_parameters(self) -> list[Any]:
        found: list[Any] = [self.declared.query] if self.declared.query().fields else []
        if self.view.in_community:
            found.append(_SLUG)
        if self.method == "POST":
            found.append(_IDEMPOTENCY)
        if self.declared.tagged and self.method in _CONDITIONS:
            found.append(_CONDITIONS[self.method])
        return found + self._narrowing() + self._headers()

    def _resolve_path_parameters(self, variables: Any) -> Any:
        found = super()._resolve_path_parameters(variables)
        for parameter in found:
            parameter["description"] = self.view.places[parameter["name"]]
        return found

    def _narrowing(self) -> list[OpenApiParameter]:
        """`fields=`, with the names of the fields that the answer has."""
        if "fields" not in self.declared.query().fields:
            return []
        known = list(self.declared.shape().fields)
        names = {"type": "array", "minItems": 1, "items": {"type": "string", "enum": known}}
        words = "Names of fields, parted by commas: only these are sent."
        return [OpenApiParameter("fields", names, description=words, style="form", explode=False)]

    def _headers(self) -> list[OpenApiParameter]:
        """What the headers of answers are."""
        successes = [str(status) for status in self.declared.answers]
        found = [
            _header(
                "RateLimit", "What is left in the window: remaining requests `r`, seconds `t` until it ends."
            ),
            _header("RateLimit-Policy", "The quota `q` of each window of `w` seconds."),
            _header("Retry-After", "Seconds to wait.", kind=int, statuses=["429", "202"]),
        ]
        if self.declared.tagged:
            found.append(
                _header("ETag", "The entity tag of the whole resource.", statuses=[*successes, "304"])
            )
        if "201" in successes:
            found.append(_header("Location", "Where the new thing is.", statuses=["201"]))
        return found

    def get_request_serializer(self) -> Any:
        return dict(self.declared.media) or self.declared.body

    def get_response_serializers(self) -> Any:
        found: dict[Any, Any] = {
            status: OpenApiResponse(shape, description=_SUCCESS.get(status, ""))
            for status, shape in self.declared.answers.items()
        }
        if self.declared.tagged and self.method == "GET":
            found[304] = OpenApiResponse(None, description="It is as you have it.")
        statuses = {*EVERYWHERE, *self.declared.refuses}
        if self.method == "POST":
            statuses |= {409, 422}
        if self.method in ("POST", "PATCH"):
            statuses |= {413, 415}
        if self.method == "PATCH" and self.declared.tagged:
            statuses |= {412, 422}
        for status in sorted(statuses):
            found[(status, problems.MEDIA_TYPE)] = OpenApiResponse(Problem, description=PROBLEMS[status])
        return found

    def _is_list_view(self, serializer: Any = None) -> bool:
        # Pages are shapes of their own: nothing is to be wrapped.
        return False

    def _get_serializer_name(self, *args: Any, **kwargs: Any) -> str:
        return str(super()._get_serializer_name(*args, **kwargs)).removesuffix("Shape")

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        found = super()._map_basic_serializer(serializer, direction)
        one = serializer() if isinstance(serializer, type) else serializer
        if isinstance(one, Body):
            found["additionalProperties"] = False
        if isinstance(one, Shape) and one.sparse:
            found.pop("required", None)
        return found

    def _get_serializer_field_meta(self, field: Any, direction: Any) -> Any:
        found = super()._get_serializer_field_meta(field, direction)
        if isinstance(field, Text) and direction == "request":
            found["pattern"] = field.described
        return found


def _header(name: str, words: str, *, kind: Any = str, statuses: list[str] | None = None) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=words, response=statuses or True)


_SUCCESS = {
    200: "Done.",
    201: "Made.",
    202: "Being worked on: ask the same address again after `Retry-After` seconds.",
}


class EnglishGenerator(SchemaGenerator):
    """The description is in English, whatever language the reader's browser asks for."""

    def get_schema(self, *args: Any, **kwargs: Any) -> Any:
        with translation.override("en"):
            return super().get_schema(*args, **kwargs)


def finish(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Postprocessing: what every operation repeats is said once, in `components`."""
    components = result.setdefault("components", {})
    headers, responses = components.setdefault("headers", {}), components.setdefault("responses", {})
    paths = {}
    for path, methods in result["paths"].items():
        paths[path.replace("{community_slug}", "{slug}")] = methods
        for one in methods.values():
            for parameter in one.get("parameters", ()):
                _name_and_bound(parameter)
            for status, response in one["responses"].items():
                for name, header in response.get("headers", {}).items():
                    headers[name] = header
                    response["headers"][name] = {"$ref": f"#/components/headers/{name}"}
                if int(status) >= 400:
                    responses[f"Problem{status}"] = response
                    one["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}
    result["paths"] = paths
    _without_marks(result)
    return result


def _name_and_bound(parameter: dict[str, Any]) -> None:
    """In a path: the community's address is `slug`; whole numbers have the bounds of the database."""
    if parameter["in"] != "path":
        return
    if parameter["name"] == "community_slug":
        parameter["name"] = "slug"
    if parameter["schema"].get("type") == "integer":
        parameter["schema"] |= {"minimum": 1, "maximum": 2**31 - 1}


def _without_marks(part: Any) -> None:
    """Drop what only the generator itself needed."""
    if isinstance(part, dict):
        part.pop("x-spec-enum-id", None)
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _without_marks(inner)
