"""What needs an operator today: every app says what it knows of, and the page says the weightiest largest."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from kernel import waiting
from kernel.tenancy import TenantRequest
from kernel.words import number


@dataclass(frozen=True)
class Need:
    """One sentence on what is the matter, one on why or what comes of it, and the act that answers it.

    The heaviest leads the page. 100: nothing works without it; 50: somebody waits; 20: worth a look; 0: all
    is well, and this is the news. One that is not `listed` may lead the page, and is told elsewhere on it otherwise.
    """

    weight: int
    words: str | Promise
    hint: str | Promise
    act: str | Promise
    url: str
    icon: str = "spark"
    listed: bool = True


Query = Callable[[TenantRequest], Iterable[Need]]
_queries: list[tuple[Query, str]] = []


def add(query: Query, *, permission: str) -> None:
    """Let an app say its needs to those who hold the permission."""
    if (query, permission) not in _queries:
        _queries.append((query, permission))


def add_waiting(
    *queues: str,
    weight: int,
    words: Promise,
    hint: Promise,
    act: Promise,
    url: str,
    icon: str,
    permission: str,
) -> None:
    """Let there be a need where anything waits in these queues (`kernel.waiting`): `words` is an `ngettext_lazy` by `many`
    in which `n` stands for the number as it is written, `url` the name of the community's page on which it is decided."""

    def query(request: TenantRequest) -> Iterable[Need]:
        many = waiting.many(request, *queues)
        if many:
            said = words % {"many": many, "n": number(many)}
            page = reverse(url, args=[request.community.slug])
            yield Need(weight, said, hint, act, page, icon)

    add(query, permission=permission)


def of(request: TenantRequest) -> list[Need]:
    """What this person is needed for in this community, the heaviest first."""
    may = request.membership.may
    found = [need for query, key in _queries if may(key) for need in query(request)]
    return sorted(found, key=lambda need: -need.weight)
