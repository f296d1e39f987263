"""The shelf of rules that say what is most worth doing: one file and one line each, or `add` from a figure's own module."""

from engagement.selectors.rules.answer import Answer
from engagement.selectors.rules.fading import Fading
from engagement.selectors.rules.host import AskHost
from engagement.selectors.rules.introduce import Introduce
from engagement.selectors.rules.invite import Invite
from engagement.selectors.rules.rule import MOST, Asked, Found, Rule
from engagement.selectors.rules.welcome import Welcome
from kernel.registry import Registry

__all__ = ["MOST", "Asked", "Found", "Rule", "add", "rules"]

rules: Registry[Rule] = Registry("rule of what is worth doing")


def add(rule: Rule) -> None:
    rules.add(rule.key, rule)


for rule in (Welcome(), Invite(), Fading(), Answer(), AskHost(), Introduce()):
    add(rule)
