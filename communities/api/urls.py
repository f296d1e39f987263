from django.urls import path

from communities.api import (
    appeals,
    circle_requests,
    circles,
    drafts,
    files,
    joining,
    messages,
    missed,
    moderation,
    reactions,
    search,
    talk,
    unread,
)
from communities.api.applications import Applications, Decide, OneApplication
from communities.api.communities import Communities, OneCommunity

COMMUNITY = "communities/<slug:community_slug>/"
CIRCLE = f"{COMMUNITY}circles/<str:circle_slug>/"
POST = f"{COMMUNITY}posts/<uuid:post_key>/"
COMMENT = f"{COMMUNITY}comments/<uuid:comment_key>/"

WITH = f"{COMMUNITY}conversations/<int:number>/"
MESSAGE = f"{COMMUNITY}direct-messages/<uuid:message_key>/"
REPORTS = f"{COMMUNITY}message-reports/"
REPORT = f"{REPORTS}<uuid:message_report_key>/"

urlpatterns = [
    path("communities/", Communities.as_view(), name="communities"),
    path(COMMUNITY, OneCommunity.as_view(), name="community"),
    path(f"{COMMUNITY}circles/", circles.Circles.as_view(), name="circles"),
    path(CIRCLE, circles.OneCircle.as_view(), name="circle"),
    path(f"{CIRCLE}join/", circles.Join.as_view(), name="join_circle"),
    path(f"{CIRCLE}ask/", circle_requests.Ask.as_view(), name="ask_circle"),
    path(f"{CIRCLE}leave/", circles.Leave.as_view(), name="leave_circle"),
    path(f"{CIRCLE}members/", circles.CircleMembers.as_view(), name="circle_members"),
    path(f"{CIRCLE}members/<int:number>/", circles.OneCircleMember.as_view(), name="circle_member"),
    path(f"{CIRCLE}posts/", talk.CirclePosts.as_view(), name="circle_posts"),
    path(f"{COMMUNITY}posts/", talk.Posts.as_view(), name="posts"),
    path(POST, talk.OnePost.as_view(), name="post"),
    path(f"{COMMUNITY}search/", search.Search.as_view(), name="search"),
    path(f"{COMMUNITY}missed/", missed.WhatIMissed.as_view(), name="missed"),
    path(f"{COMMUNITY}unread/", unread.Unread.as_view(), name="unread"),
    path(f"{POST}read/", unread.ReadThread.as_view(), name="read_thread"),
    path(f"{POST}order/", talk.PostOrder.as_view(), name="post_order"),
    path(f"{POST}reactions/", reactions.PostReactions.as_view(), name="post_reactions"),
    path(f"{COMMENT}reactions/", reactions.CommentReactions.as_view(), name="comment_reactions"),
    path(f"{POST}answer/", talk.AcceptedAnswer.as_view(), name="accepted_answer"),
    path(f"{POST}votes/", talk.Votes.as_view(), name="votes"),
    path(f"{POST}poll/close/", talk.PollClosing.as_view(), name="close_poll"),
    path(f"{POST}comments/", talk.Comments.as_view(), name="comments"),
    path(COMMENT, talk.OneComment.as_view(), name="comment"),
    path(f"{COMMENT}order/", talk.CommentInOrder.as_view(), name="comment_order"),
    path(f"{COMMUNITY}conversations/", messages.Conversations.as_view(), name="conversations"),
    path(f"{WITH}messages/", messages.Messages.as_view(), name="conversation_messages"),
    path(f"{WITH}read/", messages.Read.as_view(), name="read_conversation"),
    path(f"{WITH}block/", messages.Block.as_view(), name="block"),
    path(MESSAGE, messages.OneMessage.as_view(), name="direct_message"),
    path(f"{MESSAGE}report/", messages.Report.as_view(), name="report_message"),
    path(f"{COMMUNITY}message-wish/", messages.Wish.as_view(), name="message_wish"),
    path(REPORTS, messages.Reports.as_view(), name="message_reports"),
    path(REPORT, messages.OneReport.as_view(), name="message_report"),
    path(f"{REPORT}evidence/", messages.Evidence.as_view(), name="reported_message"),
    path(f"{REPORT}settle/", messages.Settle.as_view(), name="settle_message_report"),
    path(f"{COMMUNITY}files/", files.Files.as_view(), name="files"),
    path(f"{COMMUNITY}files/<uuid:file_key>/", files.OneFile.as_view(), name="file"),
    path(f"{COMMUNITY}files/<uuid:file_key>/content/", files.FileContent.as_view(), name="file_content"),
    path(f"{COMMUNITY}drafts/", drafts.Drafts.as_view(), name="drafts"),
    path(f"{COMMUNITY}drafts/<uuid:draft_key>/", drafts.OneDraft.as_view(), name="draft"),
    path(f"{POST}reports/", moderation.ReportPost.as_view(), name="report_post"),
    path(f"{COMMENT}reports/", moderation.ReportComment.as_view(), name="report_comment"),
    path(f"{COMMUNITY}reports/", moderation.Cases.as_view(), name="reports"),
    path(f"{COMMUNITY}reports/<uuid:case_key>/", moderation.OneCase.as_view(), name="case"),
    path(f"{COMMUNITY}reports/<uuid:case_key>/decide/", moderation.Decide.as_view(), name="decide_case"),
    path(
        f"{COMMUNITY}members/<int:number>/measures/",
        moderation.MemberMeasures.as_view(),
        name="member_measures",
    ),
    path(f"{COMMUNITY}record/", appeals.Record.as_view(), name="record"),
    path(f"{COMMUNITY}record/<uuid:measure_key>/appeal/", appeals.MakeAppeal.as_view(), name="appeal"),
    path(f"{COMMUNITY}appeals/", appeals.Appeals.as_view(), name="appeals"),
    path(
        f"{COMMUNITY}appeals/<uuid:appeal_key>/decide/", appeals.DecideAppeal.as_view(), name="decide_appeal"
    ),
    path(f"{COMMUNITY}talk-rules/", appeals.TalkRules.as_view(), name="talk_rules"),
    path(f"{COMMUNITY}members/<int:number>/mute/", moderation.Mute.as_view(), name="member_mute"),
    path(f"{CIRCLE}hosts/", circles.Hosts.as_view(), name="circle_hosts"),
    path(f"{CIRCLE}hosts/<int:number>/", circles.OneHost.as_view(), name="circle_host"),
    path(f"{COMMUNITY}circle-requests/", circle_requests.Requests.as_view(), name="circle_requests"),
    path(
        f"{COMMUNITY}circle-requests/<uuid:request_key>/",
        circle_requests.OneRequest.as_view(),
        name="circle_request",
    ),
    path(
        f"{COMMUNITY}circle-requests/<uuid:request_key>/decide/",
        circle_requests.Decide.as_view(),
        name="decide_circle_request",
    ),
    path(f"{COMMUNITY}join-questions/", joining.Questions.as_view(), name="join_questions"),
    path(
        f"{COMMUNITY}join-questions/<int:question_id>/", joining.OneQuestion.as_view(), name="join_question"
    ),
    path(f"{COMMUNITY}decision-letters/", joining.Letters.as_view(), name="decision_letters"),
    path(
        f"{COMMUNITY}decision-letters/<slug:decision>/<slug:language>/",
        joining.OneLetter.as_view(),
        name="decision_letter",
    ),
    path(f"{COMMUNITY}applications/", Applications.as_view(), name="applications"),
    path(f"{COMMUNITY}applications/<uuid:application_id>/", OneApplication.as_view(), name="application"),
    path(
        f"{COMMUNITY}applications/<uuid:application_id>/decide/",
        Decide.as_view(),
        name="decide_application",
    ),
]
