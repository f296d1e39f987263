"""Errors that arise outside the API's views, in the API's own form."""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from kernel.api import problems

PREFIX = "/api/v1/"


class ProblemMiddleware:
    """Under the API's addresses an error page is a problem: unknown addresses, bodies too big, faults of ours.

    It stands first in the list, so that nothing of a page reaches a program.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path.startswith(PREFIX):
            return response
        if response.get("Content-Type", "").startswith(problems.MEDIA_TYPE):
            return response
        content = json.dumps(problems.body(response.status_code), ensure_ascii=False)
        problem = HttpResponse(content, status=response.status_code, content_type=problems.MEDIA_TYPE)
        if "Allow" in response:
            problem["Allow"] = response["Allow"]
        return problem
