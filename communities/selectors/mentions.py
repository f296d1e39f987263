"""Members named in texts, as a reader may know them; and whom one could name."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db.models import Q
from django.urls import reverse

from communities import access as rules
from communities.models import Circle, Comment, Community, Post
from kernel import access, markdown
from kernel.markdown import Named
from members import search
from members.access import listed_q
from members.models import Membership

#: So many are suggested while one writes.
SUGGESTED = 8


def people(
    community: Community, viewer: Membership | None, texts: Iterable[str], known: Collection[int] = ()
) -> dict[int, Named]:
    """The members whom the texts name, by number, as they are called now: those whom the viewer may see, as links, and
    those of the keys `known`, whose names stand beside anyway. In one query, in none where nobody is named. Of anybody
    else the number is all that is told."""
    numbers = {number for text in texts for number in markdown.mentioned(text)}
    if not numbers:
        return {}
    seen = listed_q() if viewer is None else listed_q() | Q(pk=viewer.pk)
    rows = Membership.objects.of(community.pk).filter(number__in=numbers, merged_into=None)
    found = rows.filter(seen | Q(pk__in=known))
    return {one.number: Named(one.display_name, _page(community, viewer, one)) for one in found}


def fill(things: Sequence[Post | Comment], community: Community, viewer: Membership | None) -> None:
    """Let each know whom it names (`people`)."""
    named = people(community, viewer, (one.body for one in things), [one.author_id for one in things])
    for one in things:
        one.people = named


def suggested(circle: Circle, viewer: Membership, text: str) -> list[Membership]:
    """Members whom the viewer may see and who read the circle, by what is written of their names."""
    rows = access.visible(Membership.objects.of(circle.community_id).exclude(pk=viewer.pk), viewer)
    rows = rows.filter(rules.readers_q(circle))
    if text:
        rows = rows.filter(search.condition(text, by_name=True))
    return list(rows.order_by("sort_key", "number")[:SUGGESTED])


def for_writing(written: Post | Comment, community: Community, viewer: Membership) -> str:
    """Its words as their author changes them (`written_out`)."""
    fill([written], community, viewer)
    return written_out(written.body, written.people)


def written_out(body: str, named: Mapping[int, Named]) -> str:
    """The text as its author changes it: with the names of whom it names."""
    return markdown.MENTION.sub(
        lambda found: (
            markdown.named(int(found["kept"]), named[int(found["kept"])].name)
            if found["kept"] and int(found["kept"]) in named
            else found[0]
        ),
        body,
    )


def _page(community: Community, viewer: Membership | None, member: Membership) -> str:
    if viewer is None or not access.sees(viewer, member):
        return ""
    return reverse("members:person", args=[community.slug, member.number])
