"""Every address but /healthz and /readyz (health.py): each floor of the line brings its own, this mounts them."""

from importlib.util import find_spec

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path


def brought(module: str) -> list[str]:
    """The modules of that name that the apps of the line have, in the line's order."""
    found = []
    for app in settings.LINE:
        package, _, _ = f"{app}.{module}".rpartition(".")
        if app != "crowdecon" and find_spec(package) and find_spec(f"{app}.{module}"):
            found.append(f"{app}.{module}")
    return found


# The site's own admin has no second way in: signing in there is signing in here, second step and limits included.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
]
if find_spec("crowdecon.api"):
    urlpatterns += [path("api/", include("crowdecon.api"))]
if settings.EMBEDDED:
    # What would be mailed is readable without signing in: on one's own machine, and nowhere else.
    urlpatterns += [path("mailbox/", include("crowdecon.mailbox.urls"))]
urlpatterns += [path("", include(module)) for module in brought("urls")]
