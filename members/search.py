"""Search terms that work in every script: pairs of neighbouring characters.

Chinese has no spaces between words and the embedded PostgreSQL has no trigram extension, so a text is
indexed by its bigrams; a query's bigrams narrow the rows by index and the text itself is checked after.
"""

from django.db.models import Q


def bigrams(*texts: str | None) -> set[str]:
    """Every pair of neighbouring characters within a word of the texts, in lower case.

    >>> sorted(bigrams("Li Lei", "李雷"))
    ['ei', 'le', 'li', '李雷']
    """
    words = " ".join(text for text in texts if text).lower().split()
    return {word[i : i + 2] for word in words for i in range(len(word) - 1)}


def search_condition(text: str) -> Q:
    """The condition of members whose name, e-mail, city or own id holds every word of the text, in any script."""
    found = Q()
    for word in text.lower().split():
        holds = Q(name__icontains=word) | Q(email__icontains=word) | Q(city__icontains=word)
        found &= holds | Q(external_id__iexact=word)
        if len(word) > 1:
            found &= Q(search_terms__contains=sorted(bigrams(word)))
    return found


def sort_key(name: str) -> str:
    """Where a name stands in a list: Chinese by pinyin, other scripts by their lower case."""
    return " ".join(pinyin(name.lower()))[:240]


def pinyin(text: str) -> list[str]:
    """The text's syllables; what is not Chinese stays as it is."""
    # Its dictionaries take as long to load as all of Django, and most processes never sort a name.
    from pypinyin import lazy_pinyin

    return list(lazy_pinyin(text))
