import pytest
from django.core.management import CommandError, call_command

from commerce.models import MoneySettings
from members.models import AuditEntry
from tests import make

pytestmark = pytest.mark.django_db


def test_a_community_is_let_take_money_once(capsys):
    community = make.community("lantern")
    for _twice in range(2):
        call_command("approve_rails", community="lantern")
    assert MoneySettings.objects.get(pk=community.pk).rails_approved_at is not None
    assert AuditEntry.objects.filter(action="rail.approved").count() == 1
    assert "may take money" in capsys.readouterr().out


def test_one_that_is_not_there_is_said_so():
    with pytest.raises(CommandError, match="no community"):
        call_command("approve_rails", community="nowhere")
