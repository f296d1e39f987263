"""The suite's settings for processes that must share a mailbox with each other and with the tests."""

from crowdecon.settings.base import DATA_DIR
from crowdecon.settings.test import *  # noqa: F403

MAILBOX_DIR = DATA_DIR / "mailbox"
# A server builds its middleware once, and browsers ask for files at every page.
WHITENOISE_AUTOREFRESH = False
