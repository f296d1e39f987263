from django.urls import path, register_converter

from communities.views import (
    acceptances,
    applications,
    circle_requests,
    circle_rooms,
    circles,
    colours,
    desk,
    directory,
    face,
    feed,
    joining,
    mentions,
    message_reports,
    messages,
    missed,
    moderation,
    moving,
    polls,
    questions,
    reactions,
    references,
    search,
    settings,
    talk,
    talk_rules,
    tiers,
    writing,
)

app_name = "communities"


class AnySlug:
    """A slug in any script."""

    regex = r"[-\w]+"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


register_converter(AnySlug, "any_slug")

COMMUNITY = "c/<slug:community_slug>/"
ROOM = f"{COMMUNITY}circles/<any_slug:circle_slug>/"
POST = f"{COMMUNITY}posts/<uuid:post_key>/"
COMMENT = f"{COMMUNITY}comments/<uuid:comment_key>/"
WITH = f"{COMMUNITY}messages/with/<int:number>/"
REPORTS = f"{COMMUNITY}desk/message-reports/"
CIRCLE = f"{COMMUNITY}desk/settings/circles/<any_slug:circle_slug>/"

urlpatterns = [
    path("", directory.index, name="directory"),
    path("c/new/", directory.Found.as_view(), name="found"),
    # Not under /c/: reading a style sheet is no visit.
    path("colours/<slug:community_slug>.css", colours.stylesheet, name="colours"),
    path(COMMUNITY, face.home, name="home"),
    path(f"{COMMUNITY}join/", joining.Join.as_view(), name="join"),
    path(f"{COMMUNITY}references/<uuid:reference_id>/", references.Word.as_view(), name="reference"),
    path(f"{COMMUNITY}leave/", face.Leave.as_view(), name="leave"),
    path(f"{COMMUNITY}circles/", circle_rooms.Rooms.as_view(), name="circle_rooms"),
    path(ROOM, circle_rooms.Room.as_view(), name="circle_room"),
    path(f"{ROOM}names/", mentions.Suggest.as_view(), name="suggest_names"),
    path(f"{ROOM}write/", talk.Write.as_view(), name="write_post"),
    path(f"{COMMUNITY}posts/", feed.Feed.as_view(), name="feed"),
    path(f"{COMMUNITY}preview/", writing.Preview.as_view(), name="preview"),
    path(f"{COMMUNITY}files/<uuid:file_key>/", writing.File.as_view(), name="file"),
    path(f"{COMMUNITY}files/<uuid:file_key>/small/", writing.File.as_view(small=True), name="small_file"),
    path(f"{COMMUNITY}drafts/", writing.Drafts.as_view(), name="drafts"),
    path(f"{COMMUNITY}drafts/<uuid:draft_key>/throw-away/", writing.ThrowAway.as_view(), name="throw_away"),
    path(f"{COMMUNITY}search/", search.Search.as_view(), name="search"),
    path(f"{COMMUNITY}missed/", missed.WhatIMissed.as_view(), name="missed"),
    path(f"{COMMUNITY}posts/read/", feed.ReadAll.as_view(), name="read_all"),
    path(POST, talk.Thread.as_view(), name="post"),
    path(f"{POST}edit/", talk.ChangePost.as_view(), name="change_post"),
    path(f"{POST}act/", talk.ActOnPost.as_view(), name="act_on_post"),
    path(COMMENT, talk.ChangeComment.as_view(), name="change_comment"),
    path(f"{COMMENT}act/", talk.ActOnComment.as_view(), name="act_on_comment"),
    path(f"{COMMUNITY}messages/", messages.Messages.as_view(), name="messages"),
    path(WITH, messages.Conversation.as_view(), name="conversation"),
    path(f"{WITH}block/", messages.Block.as_view(), name="block"),
    path(
        f"{COMMUNITY}messages/<uuid:message_key>/act/", messages.ActOnMessage.as_view(), name="act_on_message"
    ),
    path(REPORTS, message_reports.Reports.as_view(), name="message_reports"),
    path(f"{REPORTS}<uuid:message_report_key>/", message_reports.OneReport.as_view(), name="message_report"),
    path(f"{POST}reactions/", reactions.PostReactions.as_view(), name="post_reactions"),
    path(f"{COMMENT}reactions/", reactions.CommentReactions.as_view(), name="comment_reactions"),
    path(f"{POST}vote/", polls.Vote.as_view(), name="vote"),
    path(f"{POST}poll/close/", polls.Close.as_view(), name="close_poll"),
    path(f"{POST}move/", moving.Move.as_view(), name="move_post"),
    path(f"{COMMENT}accept/", acceptances.Accept.as_view(), name="accept"),
    path(f"{POST}report/", moderation.ReportPost.as_view(), name="report_post"),
    path(f"{COMMENT}report/", moderation.ReportComment.as_view(), name="report_comment"),
    path(f"{COMMUNITY}record/", moderation.Record.as_view(), name="record"),
    path(f"{COMMUNITY}desk/reports/", moderation.Queue.as_view(), name="reports"),
    path(
        f"{COMMUNITY}record/<uuid:measure_key>/appeal/",
        moderation.MakeAppeal.as_view(),
        name="appeal",
    ),
    path(f"{COMMUNITY}desk/reports/appeals/", moderation.Appeals.as_view(), name="appeals"),
    path(
        f"{COMMUNITY}desk/reports/appeals/<uuid:appeal_key>/",
        moderation.DecideAppeal.as_view(),
        name="decide_appeal",
    ),
    path(f"{COMMUNITY}desk/reports/log/", moderation.Log.as_view(), name="moderation_log"),
    path(f"{COMMUNITY}desk/reports/waiting/", moderation.Waiting.as_view(), name="reports_waiting"),
    path(f"{COMMUNITY}desk/reports/<uuid:case_key>/", moderation.OneCase.as_view(), name="case"),
    path(
        f"{COMMUNITY}desk/members/<int:number>/record/",
        moderation.MemberRecord.as_view(),
        name="member_record",
    ),
    path(f"{ROOM}ask/", circle_requests.Ask.as_view(), name="ask_circle"),
    path(f"{ROOM}care/", circle_rooms.Care.as_view(), name="circle_care"),
    path(f"{ROOM}care/people/", circle_rooms.CareForPeople.as_view(), name="circle_care_people"),
    path(
        f"{ROOM}care/requests/<uuid:request_key>/",
        circle_rooms.CareForRequest.as_view(),
        name="circle_care_request",
    ),
    path(f"{COMMUNITY}desk/circles/requests/", circle_requests.Queue.as_view(), name="circle_requests"),
    path(
        f"{COMMUNITY}desk/circles/requests/<uuid:request_key>/",
        circle_requests.Decide.as_view(),
        name="circle_request",
    ),
    path(f"{COMMUNITY}desk/", desk.Today.as_view(), name="today"),
    path(f"{COMMUNITY}desk/applications/", applications.Queue.as_view(), name="applications"),
    path(
        f"{COMMUNITY}desk/applications/<uuid:application_id>/",
        applications.OneApplication.as_view(),
        name="application",
    ),
    path(
        f"{COMMUNITY}desk/applications/<uuid:application_id>/files/<uuid:file_id>/",
        applications.File.as_view(),
        name="application_file",
    ),
    path(f"{COMMUNITY}desk/settings/tiers/", tiers.Tiers.as_view(), name="tiers"),
    path(f"{COMMUNITY}desk/settings/tiers/<slug:tier_key>/", tiers.OneTier.as_view(), name="tier"),
    path(
        f"{COMMUNITY}desk/settings/tiers/<slug:tier_key>/delete/",
        tiers.DeleteTier.as_view(),
        name="delete_tier",
    ),
    path(f"{COMMUNITY}desk/settings/joining/", questions.Joining.as_view(), name="joining"),
    path(f"{COMMUNITY}desk/settings/joining/rules/", questions.Rules.as_view(), name="rules"),
    path(f"{COMMUNITY}desk/settings/joining/letters/", questions.Letter.as_view(), name="letters"),
    path(
        f"{COMMUNITY}desk/settings/joining/questions/<int:question_id>/",
        questions.Question.as_view(),
        name="question",
    ),
    path(f"{COMMUNITY}desk/settings/", settings.General.as_view(), name="settings"),
    path(f"{COMMUNITY}desk/settings/reactions/", reactions.ReactionSettings.as_view(), name="reactions"),
    path(f"{COMMUNITY}desk/settings/circles/", circles.Circles.as_view(), name="circles"),
    path(f"{COMMUNITY}desk/settings/circles/talk.csv", circles.ExportTalk.as_view(), name="export_talk"),
    path(CIRCLE, circles.OneCircle.as_view(), name="circle"),
    path(f"{CIRCLE}act/", circles.ActOnCircle.as_view(), name="act_on_circle"),
    path(f"{CIRCLE}people/", circles.CirclePeople.as_view(), name="circle_people"),
    path(f"{COMMUNITY}desk/settings/talk/", talk_rules.TalkRules.as_view(), name="talk_rules"),
    path(f"{COMMUNITY}desk/settings/keys/", settings.Keys.as_view(), name="keys"),
    path(f"{COMMUNITY}desk/settings/keys/<uuid:key_id>/end/", settings.EndKey.as_view(), name="end_key"),
    path(f"{COMMUNITY}desk/settings/roles/", settings.Roles.as_view(), name="roles"),
]
