from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.utils.cache import patch_cache_control

from communities import colours
from kernel.tenancy import TenantRequest

A_YEAR = 365 * 24 * 3600


def stylesheet(request: TenantRequest) -> HttpResponse:
    """The community's own colour for pages that show it; 404 where it has none, or where it may not be seen.

    Pages name the colour in the address (`?v=`), so a browser may keep what it got.
    """
    community = request.community
    if community is None or not community.colour:
        raise Http404
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    sheet = colours.stylesheet(slug=community.slug, colour=community.colour)
    response = HttpResponse(sheet, content_type="text/css; charset=utf-8")
    current = request.GET.get("v") == community.colour.removeprefix("#")
    patch_cache_control(response, private=True, max_age=A_YEAR if current else 0)
    return response
