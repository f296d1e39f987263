"""Where a payer is."""

import pytest

from commerce.surfaces import surface

AGENTS = {
    "": "desk",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36": "desk",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15": "desk",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148": "phone",
    "Mozilla/5.0 (Linux; Android 15; PGT-AN00) AppleWebKit/537.36 Chrome/138.0 Mobile Safari/537.36": "phone",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Mobile MicroMessenger/8.0.61.2880": "wechat",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 MicroMessenger/7.0 WindowsWechat(0x63090a13)": "desk",
}


@pytest.mark.parametrize("agent", AGENTS)
def test_a_browser_says_where_it_is(agent):
    assert surface(agent) == AGENTS[agent]
