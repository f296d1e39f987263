"""What can be tried on people: the words, who is assigned, and what it is judged by. One file each."""

from engagement.selectors.trials.base import History, Trial
from engagement.selectors.trials.invitation import Invitations
from engagement.selectors.trials.join_questions import JoinQuestions
from engagement.selectors.trials.welcome import Welcomes
from kernel.registry import Registry

trials: Registry[Trial] = Registry("kind of experiment")
for one in (Invitations(), JoinQuestions(), Welcomes()):
    trials.add(one.key, one)

__all__ = ["History", "Trial", "trials"]
