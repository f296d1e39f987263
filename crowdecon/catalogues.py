"""The words of the product and where their Chinese lives: found in the code and the templates, kept in one catalogue an app.

One msgid lives in one catalogue, so that it cannot be said in two ways: words of the kernel, of crowdecon and of the shared
templates in crowdecon's, the others in the catalogue of the first app of the line that uses them. Everything is read by
Babel and Django; gettext's own tools are not needed.
"""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

LANGUAGE = "zh_Hans"
#: Where a message used in several places lives: the first of these.
APPS = ("crowdecon", "members", "communities", "gatherings", "commerce", "engagement")
#: Floors without a catalogue of their own: their words are crowdecon's.
CODE = {"kernel": "crowdecon"} | {app: app for app in APPS}

KEYWORDS: dict[str, Any] = DEFAULT_KEYWORDS | {
    "translate": None,
    "gettext_noop": None,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    # What an operation of the API does: the description is in English, the pages for people speak the reader's language.
    "operation": (2,),
}

#: What names a message: its context or None, and its msgid (with the plural's, when it has one).
Key = tuple[str | None, str | tuple[str, ...]]
Places = dict[Key, set[str]]


def path_of(app: str) -> Path:
    return Path(settings.ROOT) / app / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def used() -> dict[str, Places]:
    """Per catalogue, every message that code or templates use and the files that use it."""
    found: dict[str, Places] = {app: {} for app in APPS}
    for app, file in sources():
        for key in messages_of(file):
            found[app].setdefault(key, set()).add(str(file.relative_to(settings.ROOT)))
    seen: dict[Key, set[str]] = {}
    for app in APPS:
        for key in list(found[app]):
            if key in seen:
                seen[key] |= found[app].pop(key)
            else:
                seen[key] = found[app][key]
    return found


def sources() -> Iterator[tuple[str, Path]]:
    """Every file that may hold words, with the app whose catalogue they go to."""
    root = Path(settings.ROOT)
    for folder, app in CODE.items():
        for file in sorted((root / folder).rglob("*.py")):
            if "migrations" not in file.parts:
                yield app, file
    for file in sorted((root / "templates").rglob("*")):
        if file.suffix in {".html", ".txt"}:
            first = file.relative_to(root / "templates").parts[0]
            yield (first if first in APPS else "crowdecon"), file


def messages_of(file: Path) -> Iterator[Key]:
    """The messages of one file, as gettext will ask for them."""
    text = file.read_text()
    if file.suffix != ".py":
        # Brackets around, so that a page's indentation is none of Python's business.
        text = f"({templatize(text)}\n)"
    source = BytesIO(text.encode())
    found: Iterator[Any] = extract_python(source, KEYWORDS, [], {"encoding": "utf-8"})
    for _line, function, said, _comments in found:
        given = said if isinstance(said, tuple) else (said,)
        context = None
        words: list[Any] = []
        for place in KEYWORDS[function] or (1,):
            if isinstance(place, tuple):
                context = given[place[0] - 1]
            else:
                words.append(given[place - 1] if place <= len(given) else None)
        if words and all(words):
            yield context, words[0] if len(words) == 1 else tuple(words)


def read(app: str) -> Catalog:
    """The catalogue of an app as it is on the disk; an empty one when there is none yet."""
    path = path_of(app)
    if not path.exists():
        return Catalog(locale=LANGUAGE)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE, abort_invalid=True)


def key_of(message: Message) -> Key:
    return message.context, message.id if isinstance(message.id, str) else tuple(message.id)


def rewrite() -> dict[str, int]:
    """Bring the catalogues to what is used now: new messages empty, moved ones moved, unused ones gone.

    Gives how many messages of each still wait for their Chinese.
    """
    known: dict[Key, Message] = {}
    heads: dict[str, str] = {}
    for app in APPS:
        catalogue = read(app)
        heads[app] = catalogue.header_comment
        known |= {key_of(message): message for message in catalogue if message.id}
    waiting = {}
    for app, places in used().items():
        catalogue = Catalog(locale=LANGUAGE, project="Crowdecon", header_comment=heads[app], fuzzy=False)
        for key, files in sorted(places.items(), key=lambda item: (sorted(item[1]), str(item[0]))):
            context, words = key
            told = known.get(key)
            empty = "" if isinstance(words, str) else ("",)
            catalogue.add(
                words,
                told.string if told else empty,
                locations=[(file, 0) for file in sorted(files)],
                flags=(told.flags if told else set()) - {"fuzzy"},
                user_comments=told.user_comments if told else (),
                context=context,
            )
        write(app, catalogue)
        waiting[app] = sum(1 for message in catalogue if message.id and not all(texts(message)))
    return waiting


def texts(message: Message) -> list[str]:
    """What a message says in Chinese, one text per plural form (Chinese has one)."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def write(app: str, catalogue: Catalog) -> None:
    """Write a catalogue without line numbers and times, so that it changes only when its words do."""
    path = path_of(app)
    path.parent.mkdir(parents=True, exist_ok=True)
    file = BytesIO()
    write_po(file, catalogue, width=110, include_lineno=False, ignore_obsolete=True, omit_header=True)
    path.write_bytes(header(catalogue).encode() + file.getvalue())


def header(catalogue: Catalog) -> str:
    """The head of a file: our comment, and only the lines that say how to read it."""
    kept = {"Project-Id-Version": "Crowdecon", "Language": LANGUAGE, "MIME-Version": "1.0"}
    kept |= {"Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "8bit"}
    kept |= {"Plural-Forms": "nplurals=1; plural=0;"}
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in kept.items())
    comment = catalogue.header_comment.strip()
    return f'{comment}\nmsgid ""\nmsgstr ""\n{lines}\n'


_HOLES = re.compile(r"%\([A-Za-z_]\w*\)[#0 +-]*\d*(?:\.\d+)?[a-zA-Z]|%[sdfr]|\{[A-Za-z_]\w*\}")


def holes(text: str) -> list[str]:
    """The places of a text that are filled in later, sorted: %(n)s, %s, {name}."""
    return sorted(set(_HOLES.findall(text)))


def all_messages(apps: Iterable[str] = APPS) -> Iterator[tuple[str, Message]]:
    for app in apps:
        for message in read(app):
            if message.id:
                yield app, message
