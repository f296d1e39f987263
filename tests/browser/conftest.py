"""One browser, one server and one worker for the whole folder; a window of its own for each test."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import TransactionTestCase
from playwright.sync_api import Browser, Playwright, sync_playwright

from crowdecon.celery import app
from tests.browser import processes
from tests.browser.living import Living, begin
from tests.browser.processes import Platform
from tests.browser.visitor import DESK, PHONE, Visitor
from tests.peers import Peer

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
HEIGHTS = {PHONE: 844, DESK: 900}
LOCALES = {"en": "en-GB", "zh-hans": "zh-CN"}


@pytest.fixture(scope="package")
def launch() -> Iterator[Callable[..., Browser]]:
    """Start Debian's Chromium without windows, its Chromium, or the one that `playwright install chromium` brought, with
    flags of one's own beside ours."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread; Django would otherwise refuse to read rows beside it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        program = _program(playwright)
        if program is None:
            reason = "No Chromium here: `apt-get install chromium fonts-noto-cjk`, or `playwright install chromium`."
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        yield lambda *flags: playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags])


@pytest.fixture(scope="package")
def chromium(launch: Callable[..., Browser]) -> Iterator[Browser]:
    browser = launch()
    yield browser
    browser.close()


def _program(playwright: Playwright) -> str | None:
    # The first draws the same pages and spares what a browser builds around each window: half of the time here.
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    installed = next(filter(None, map(shutil.which, names)), None)
    own = playwright.chromium.executable_path
    return installed or (own if Path(own).exists() else None)


@pytest.fixture(scope="package")
def platform(
    chromium: Browser,
    sandbox_peer: Peer,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Platform]:
    """The running platform; rows may be read and made from here on, and all are gone when it ends."""
    from django.conf import settings

    from tests.browser import settings as ours

    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "MAILBOX_DIR", ours.MAILBOX_DIR)
        app.control.purge()
        try:
            with processes.running(tmp_path_factory.mktemp("platform")) as running:
                yield running
        finally:
            TransactionTestCase("run")._fixture_teardown()  # type: ignore[attr-defined]


@pytest.fixture
def visit(chromium: Browser, platform: Platform) -> Iterator[Callable[..., Visitor]]:
    """Open browsers: `visit(user, width=PHONE, language="zh-hans", script=False, dark=True, zone="Europe/Rome")`.

    When the test is over, no page that was opened may have complained: no error and no warning of the console,
    which is also where the browser tells what the content security policy refused.
    """
    opened: list[Visitor] = []

    def visit(user: Any = None, **how: Any) -> Visitor:
        opened.append(_window(chromium, platform, user, **how))
        return opened[-1]

    yield visit
    wrong = [line for visitor in opened for line in visitor.wrong]
    for visitor in opened:
        visitor.context.close()
    assert wrong == []


def _window(
    chromium: Browser,
    platform: Platform,
    user: Any = None,
    *,
    width: int = DESK,
    language: str = "en",
    script: bool = True,
    dark: bool = False,
    zone: str | None = None,
) -> Visitor:
    context = chromium.new_context(
        viewport={"width": width, "height": HEIGHTS.get(width, 900)},
        locale=LOCALES[language],
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        timezone_id=zone,
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    visitor = Visitor(context, platform.address, language)
    if user is not None:
        visitor.sign_in(user)
    return visitor


@pytest.fixture(scope="package")
def _keeper(chromium: Browser, platform: Platform, living: Living) -> Iterator[Visitor]:
    window = _window(chromium, platform, living.owner)
    yield window
    window.context.close()


@pytest.fixture
def keeper(_keeper: Visitor) -> Iterator[Visitor]:
    """The owner of the living community at their desk, in one window for all who only look."""
    _keeper.page.set_viewport_size({"width": DESK, "height": HEIGHTS[DESK]})
    yield _keeper
    wrong, _keeper.wrong = _keeper.wrong, []
    assert wrong == []


@pytest.fixture(scope="package")
def living(platform: Platform) -> Living:
    """A community with a year behind it, and its owner. Tests look at it and change nothing."""
    return begin()
