"""The small pieces of every page: icons, marks, avatars, little lines, shells' doors, blocks with a body."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crowdecon import faces
from kernel import places

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """A symbol of img/icons.svg. Without `label` it is decoration and hidden from readers."""
    said = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    address = f"{static('img/icons.svg')}#{name}"
    drawn = '<svg class="icon {}" {} focusable="false"><use href="{}"></use></svg>'
    return format_html(drawn, size, said, address)


@register.simple_tag
def mark(community: Any, size: str = "") -> SafeString:
    """A community's mark: its type's drawing in the colour it wears."""
    return format_html(
        '<span class="mark {}" {}>{}</span>', size, tint(community), icon(f"type-{community.type}")
    )


@register.simple_tag
def tint(community: Any) -> SafeString:
    """The attributes of an element that wears a community's colour: its type's, or its own (see `colours`)."""
    own = format_html(' data-community="{}"', community.slug) if community.colour else ""
    return format_html('data-type="{}"{}', community.type, own)


@register.simple_tag
def colours(community: Any) -> SafeString:
    """The style sheet of a community's own colour; nothing where it wears its type's, or where there is none."""
    if not community or not community.colour:
        return SafeString("")
    address = reverse("communities:colours", args=[community.slug])
    return format_html('<link rel="stylesheet" href="{}?v={}">', address, community.colour.removeprefix("#"))


@register.simple_tag
def type_mark(key: str, size: str = "") -> SafeString:
    return format_html('<span class="mark {}" data-type="{}">{}</span>', size, key, icon(f"type-{key}"))


@register.simple_tag
def avatar(name: str, seed: int | str = "", size: str = "") -> SafeString:
    """The initials of a name on quiet paper; the same name (or seed) always has the same tint."""
    return format_html(
        '<span class="avatar {}" data-tint="{}" aria-hidden="true">{}</span>',
        size,
        faces.tint(str(seed or name)),
        faces.initials(name),
    )


@register.simple_tag
def spark(values: Sequence[float | None], label: str = "") -> SafeString:
    """A little line of the last periods, drawn here; nulls are gaps. Empty when there is nothing to join."""
    return faces.spark(list(values), label)


@register.simple_tag(takes_context=True)
def doors(context: Context, shell: str) -> list[places.Door]:
    """The places of a shell ("desk" or "rooms") that this reader may enter."""
    request = context.get("request")
    return places.doors(shell, request) if request is not None else []


@register.filter
def tabs(found: list[places.Door]) -> list[places.Tab]:
    """The same doors as a row of tabs, those of a group behind one."""
    return places.tabs(found)


@register.filter
def first_doors(found: list[places.Door], many: int = 4) -> list[places.Door]:
    return found[:many]


@register.filter
def other_doors(found: list[places.Door], many: int = 4) -> list[places.Door]:
    return found[many:]


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """This page's query string with some parameters changed; None takes one away. Begins with "?"."""
    asked = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            asked.pop(name, None)
        else:
            asked[name] = str(value)
    return "?" + asked.urlencode()


def _block(name: str) -> None:
    """A tag with a body: `{% card title=... %}...{% endcard %}` renders components/card.html with `body`."""

    def render(context: Context, content: SafeString, **given: Any) -> SafeString:
        found = context.template.engine.get_template(f"components/{name}.html")  # type: ignore[union-attr]
        with context.push(body=content, **given):
            return found.render(context)

    register.simple_block_tag(render, takes_context=True, name=name)


for _name in ("card", "empty", "alert", "dialog", "menu", "filters", "bulk"):
    _block(_name)
