from communities.models.api_key import ApiKey
from communities.models.application import (
    Application,
    ApplicationFile,
    Decision,
    DecisionLetter,
    Reference,
)
from communities.models.attachment import Attachment
from communities.models.circle import Circle, CircleMembership
from communities.models.circle_request import CircleRequest
from communities.models.community import Community, JoinQuestion
from communities.models.conversation import (
    Block,
    Conversation,
    DirectMessage,
    MessageReport,
    MessageWish,
    Side,
)
from communities.models.draft import Draft
from communities.models.kept_answer import KeptAnswer
from communities.models.mention import Mention
from communities.models.moderation import Appeal, Case, Measure, Reason, Report, TalkRules
from communities.models.poll import Option, Poll, Vote
from communities.models.post import Comment, Post, Version
from communities.models.reaction import Reaction
from communities.models.search import CommentEntry, PostEntry
from communities.models.thread_read import ThreadRead

__all__ = [
    "ApiKey",
    "Appeal",
    "Application",
    "ApplicationFile",
    "Attachment",
    "Block",
    "Case",
    "Circle",
    "CircleMembership",
    "CircleRequest",
    "Comment",
    "CommentEntry",
    "Community",
    "Conversation",
    "Decision",
    "DecisionLetter",
    "DirectMessage",
    "Draft",
    "JoinQuestion",
    "KeptAnswer",
    "MessageReport",
    "MessageWish",
    "Measure",
    "Mention",
    "Option",
    "Poll",
    "Post",
    "PostEntry",
    "Reaction",
    "Reason",
    "Reference",
    "Side",
    "Report",
    "TalkRules",
    "ThreadRead",
    "Version",
    "Vote",
]
