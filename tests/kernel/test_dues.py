import pytest

from kernel import dues


@pytest.fixture(autouse=True)
def _nobody_provides(monkeypatch):
    """What the apps above say of their tiers stays out of it."""
    monkeypatch.setattr(dues, "_providers", [])


def test_nobody_owes_dues_until_somebody_says_so():
    assert (dues.are_provided(), dues.asked(7), dues.asked(None)) == (False, False, False)


def test_a_provider_says_which_tiers_have_dues():
    def sevens(tier_id):
        return tier_id == 7

    dues.provide(sevens)
    dues.provide(sevens)
    try:
        assert (dues.are_provided(), dues.asked(7), dues.asked(8), dues.asked(None)) == (
            True,
            True,
            False,
            False,
        )
    finally:
        dues.withdraw(sevens)
    assert not dues.are_provided()
