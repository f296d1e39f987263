"""Search terms that work in every script: pairs of neighbouring characters.

Chinese has no spaces between words and the embedded PostgreSQL has no trigram extension, so a text is
indexed by its bigrams; a query's bigrams narrow the rows by index and the text itself is checked after.
"""

from pypinyin import lazy_pinyin


def bigrams(*texts: str | None) -> set[str]:
    """Every pair of neighbouring characters within a word of the texts, in lower case.

    >>> sorted(bigrams("Li Lei", "李雷"))
    ['ei', 'le', 'li', '李雷']
    """
    words = " ".join(text for text in texts if text).lower().split()
    return {word[i : i + 2] for word in words for i in range(len(word) - 1)}


def sort_key(name: str) -> str:
    """Where a name stands in a list: Chinese by pinyin, other scripts by their lower case."""
    return " ".join(lazy_pinyin(name.lower()))[:240]
