from django.urls import path

from members.views import (
    acts,
    audit,
    card,
    conditions,
    directory,
    forest,
    imports,
    invitations,
    inviting,
    mail,
    me,
    member,
    notifications,
    own,
    people,
    segments,
    tree,
    unsubscribe,
)

app_name = "members"

DESK = "c/<slug:community_slug>/desk/members/"
MAIL = "c/<slug:community_slug>/desk/settings/mail/"
AUDIT = "c/<slug:community_slug>/desk/settings/audit/"
INVITATIONS = "c/<slug:community_slug>/desk/invitations/"
IMPORTS = "c/<slug:community_slug>/desk/settings/imports/"

ROOMS = "c/<slug:community_slug>/"

urlpatterns = [
    path("me/", me.Me.as_view(), name="me"),
    path("me/sessions/<int:session_id>/end/", me.EndSession.as_view(), name="end_session"),
    path("me/notifications/", notifications.Wishes.as_view(), name="notifications"),
    path("me/notices/", notifications.Notices.as_view(), name="notices"),
    path("me/notices/bell/", notifications.Bell.as_view(), name="bell"),
    path("me/notices/<uuid:notice_id>/", notifications.OpenNotice.as_view(), name="notice"),
    path("unsubscribe/<str:token>/", unsubscribe.Unsubscribe.as_view(), name="unsubscribe"),
    path("i/<slug:code>", invitations.Open.as_view(), name="invitation"),
    path("c/<slug:community_slug>/tree/", tree.MyTree.as_view(), name="tree"),
    path("c/<slug:community_slug>/tree/link/", tree.Renew.as_view(), name="renew_link"),
    path(INVITATIONS, inviting.Links.as_view(), name="links"),
    path(f"{INVITATIONS}new/", inviting.NewLink.as_view(), name="new_link"),
    path(f"{INVITATIONS}letters/", inviting.Letters.as_view(), name="letters"),
    path(
        f"{INVITATIONS}<int:invitation_id>/revoke/", inviting.Revoke.as_view(), name="revoke_invitation"
    ),
    path(f"{DESK}forest/", forest.Forest.as_view(), name="forest"),
    path(f"{DESK}forest/<int:number>/", forest.Branch.as_view(), name="branch"),
    path(f"{DESK}<int:number>/inviter/", inviting.CorrectInviter.as_view(), name="inviter"),
    path(f"{ROOMS}people/", people.People.as_view(), name="people"),
    path(f"{ROOMS}people/<int:number>/", people.Person.as_view(), name="person"),
    path(f"{ROOMS}me/", own.Own.as_view(), name="own"),
    path(f"{ROOMS}me/pause/", own.Pause.as_view(), name="pause"),
    path(f"{ROOMS}me/resume/", own.Resume.as_view(), name="resume"),
    path(f"{ROOMS}card/", card.Card.as_view(), name="card"),
    path(f"{ROOMS}card/renew/", card.RenewCard.as_view(), name="renew_card"),
    # Not under /c/: whoever scans a card visits nobody, and the address names no community.
    path("v/<str:token>/", card.Verify.as_view(), name="verify"),
    path(DESK, directory.Directory.as_view(), name="desk"),
    path(f"{DESK}columns/", directory.Columns.as_view(), name="columns"),
    path(f"{DESK}conditions/", conditions.Condition.as_view(), name="condition"),
    path(f"{DESK}segments/", segments.Segments.as_view(), name="segments"),
    path(f"{DESK}segments/new/", segments.New.as_view(), name="new_segment"),
    path(f"{DESK}segments/<int:segment_id>/", segments.OneSegment.as_view(), name="segment"),
    path(f"{DESK}segments/<int:segment_id>/count/", segments.Count.as_view(), name="segment_count"),
    path(f"{DESK}segments/<int:segment_id>/delete/", segments.Delete.as_view(), name="delete_segment"),
    path(f"{DESK}export.csv", directory.Export.as_view(), name="export"),
    path(f"{DESK}new/", member.Add.as_view(), name="add"),
    path(f"{DESK}<int:number>/", member.Member.as_view(), name="member"),
    path(f"{DESK}<int:number>/edit/", member.Edit.as_view(), name="edit"),
    path(f"{DESK}<int:number>/role/", member.ChangeRole.as_view(), name="role"),
    path(f"{DESK}<int:number>/tier/", acts.ChangeTier.as_view(), name="tier"),
    path(f"{DESK}<int:number>/acts/<slug:act>/", acts.ActUpon.as_view(), name="act"),
    path(f"{DESK}<int:number>/lift-address/", mail.LiftAddress.as_view(), name="lift_address"),
    path(MAIL, mail.Kinds.as_view(), name="mail"),
    path(f"{MAIL}log/", mail.Log.as_view(), name="mail_log"),
    path(f"{MAIL}<str:letter>/<slug:language>/", mail.Words.as_view(), name="mail_words"),
    path(AUDIT, audit.AuditLog.as_view(), name="audit"),
    path(f"{AUDIT}export.csv", audit.ExportAudit.as_view(), name="export_audit"),
    path(IMPORTS, imports.Imports.as_view(), name="imports"),
    path(f"{IMPORTS}sample/<slug:kind>.csv", imports.Sample.as_view(), name="import_sample"),
    path(f"{IMPORTS}<uuid:run_id>/", imports.OneRun.as_view(), name="import_run"),
    path(f"{IMPORTS}<uuid:run_id>/report.csv", imports.Report.as_view(), name="import_report"),
]
