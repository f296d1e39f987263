"""What members are found by: written wherever a name, an address, a city or an own id is."""

from collections.abc import Iterable

from django.db import connection

from members import search
from members.models import Membership

#: The fields of a membership that it is found by.
FOUND_BY = frozenset({"name", "email", "city", "external_id"})
#: As columns, so that a file's members are written in a fraction of the time that rows take. Terms hold no blank.
_WRITE = """
    INSERT INTO members_searchentry (membership_id, name, readings, rest, terms)
    SELECT id, name, readings, rest, string_to_array(terms, ' ')
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])
        AS found (id, name, readings, rest, terms)
    ON CONFLICT (membership_id) DO UPDATE
    SET name = EXCLUDED.name, readings = EXCLUDED.readings, rest = EXCLUDED.rest, terms = EXCLUDED.terms
"""


def index(memberships: Iterable[Membership]) -> None:
    """Let search find these, which are saved, by what they are called now; an erased member is found by nothing."""
    found = [(one.pk, _words(one)) for one in memberships if one.erased_at is None]
    if not found:
        return
    columns = [[getattr(words, name) for _pk, words in found] for name in ("name", "readings", "rest")]
    terms = [" ".join(words.terms) for _pk, words in found]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [[pk for pk, _words in found], *columns, terms])


def _words(membership: Membership) -> search.Words:
    rest = (membership.email, membership.city, membership.external_id)
    return search.words_of(name=membership.name, rest=rest)
