"""What a browser calls itself, in words: enough to tell one's phone from a stranger's."""

import re
from dataclasses import dataclass

#: In this order: each calls itself by the names of those after it.
BROWSERS = [
    ("MicroMessenger/", "WeChat"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
]
SYSTEMS = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("HarmonyOS", "HarmonyOS"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
]
HANDHELD = re.compile("iPhone|Android.*Mobile|HarmonyOS.*Mobile")


@dataclass(frozen=True)
class Device:
    """`browser` and `system` are names, empty when not known; `handheld` is a telephone."""

    browser: str
    system: str
    handheld: bool


def of(user_agent: str) -> Device:
    """What the header tells; nothing is asked of the browser."""
    return Device(
        browser=next((name for mark, name in BROWSERS if mark in user_agent), ""),
        system=next((name for mark, name in SYSTEMS if mark in user_agent), ""),
        handheld=bool(HANDHELD.search(user_agent)),
    )
