"""A person at a browser: opens pages, and remembers what went wrong in them."""

import re
import time
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import translation
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Response

from crowdecon.mailbox import box
from members.models import User

PHONE, DESK = 390, 1280
SERIOUS = {"serious", "critical"}
#: axe-core itself, put into a page once; the page's own content policy stays as strict as it is.
AXE = Axe().axe_script
#: The rows of a long table are made alike: a dozen of them tell.
RUN_AXE = """async () => (await axe.run(
  {include: [['html']], exclude: [['tbody tr:nth-child(n + 13)']]}, {resultTypes: ['violations']}
)).violations"""


def said(english: str, language: str = "en") -> str:
    """The words of the product in a language; fails where they have no Chinese yet."""
    with translation.override(language):
        words = translation.gettext(english)
    assert language == "en" or words != english, f"not translated: {english}"
    return words


class Visitor:
    """One browser of its own: cookies, width, language and all."""

    def __init__(self, context: BrowserContext, address: str, language: str) -> None:
        self.context, self.address, self.language = context, address, language
        self.wrong: list[str] = []
        self.page: Page = self._new_page()

    def _new_page(self) -> Page:
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        return page

    def start_anew(self) -> None:
        """Another tab in place of this one."""
        self.page.close()
        self.page = self._new_page()

    def _heard(self, message: ConsoleMessage) -> None:
        """Errors and warnings; that a page itself was not found is no fault of the page.

        Nor that a fragment, opened as if it were a page, has no icon.
        """
        place = message.location.get("url", "").split("#")[0]
        own = place == self.page.url.split("#")[0] or place.endswith("/favicon.ico")
        if message.type in ("error", "warning") and not (own and "Failed to load resource" in message.text):
            self.wrong.append(f"{self.page.url}: {message.text}")

    def open(self, path: str) -> Response:
        response = self.page.goto(self.address + path)
        assert response is not None
        return response

    def press(self, name: str, within: str = "main") -> None:
        """Click the button, or where there is none the link, that is called exactly so."""
        words = re.compile(rf"^\s*{re.escape(said(name, self.language))}\s*$")
        place = self.page.locator(within)
        button = place.get_by_role("button", name=words)
        self.follow((button if button.count() else place.get_by_role("link", name=words)).first)

    def follow(self, target: Locator) -> None:
        """Click, and where that leads to another page, wait until all of it is there.

        Playwright's click waits for the first byte of a page alone: what a test counts then is what came by chance.
        """
        target.click()
        self.page.wait_for_load_state()

    def heading(self) -> str:
        return self.page.locator("h1").inner_text().strip()

    def sign_in(self, user: User) -> None:
        """As if they had just typed their password: the form itself has a test of its own."""
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        # What allauth keeps of a sign-in, so that pages which ask again know that it was a moment ago.
        methods = [{"method": "password", "at": time.time(), "email": user.email}]
        session["account_authentication_methods"] = methods
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
        cookie = {"name": "sessionid", "value": str(session.session_key), "url": self.address}
        self.context.add_cookies([cookie])  # type: ignore[list-item]

    def code_from_mail(self, email: str) -> str:
        """The six digits of the newest letter to the address, as its reader finds them in the mailbox."""
        letter = next(mail for mail in box.newest() if mail.to == email)
        tab = self.context.new_page()
        tab.goto(f"{self.address}/mailbox/{letter.id}/")
        found = re.search(r"(?<!\d)\d{6}(?!\d)", tab.locator(".letter").inner_text())
        tab.close()
        assert found, letter.text
        return found[0]

    # What every page must be

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(wide))

    def violations(self) -> list[str]:
        """What axe finds serious or critical: rule, place and why, one line each."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        found: list[dict[str, Any]] = self.page.evaluate(RUN_AXE)
        return [
            f"{rule['id']} ({rule['impact']}): {node['target'][0]}: {node['html'][:160]}"
            for rule in found
            if rule["impact"] in SERIOUS
            for node in rule["nodes"]
        ]
