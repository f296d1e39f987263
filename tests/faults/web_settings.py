"""The settings of several web servers that are one site: word of payments goes to one address."""

import os

from tests.browser.settings import *  # noqa: F403

SITE_ADDRESS = os.environ["FAULTS_SITE"]
