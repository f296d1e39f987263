from django.urls import path

from members.api import acts, notices, people
from members.api.audit import AuditLog
from members.api.bulk import BulkActs, OneBulkAct, UndoBulkAct
from members.api.custom_fields import CustomFields, OneCustomField
from members.api.imports import Imports, OneImport
from members.api.invitations import (
    Invitations,
    Invitees,
    Inviter,
    OneInvitation,
    RevokeInvitation,
    SendInvitation,
)
from members.api.mail import DeadAddresses, LiftAddress, Messages, OneMessage, SendAgain, Wishes
from members.api.mail_templates import MailTemplates, OneMailTemplate, ResetMailTemplate
from members.api.members import Members, OneMember
from members.api.merging import (
    AnswerProposal,
    Duplicates,
    KeepApart,
    Merges,
    OneMerge,
    Proposals,
    UndoMerge,
    WithdrawProposal,
)
from members.api.notes import Notes, OneNote
from members.api.privacy import DueNow, EraseMember, Privacy
from members.api.segments import OneSegment, Segments
from members.api.tiers import OneTier, Tiers

COMMUNITY = "communities/<slug:community_slug>/"

urlpatterns = [
    path(f"{COMMUNITY}members/", Members.as_view(), name="members"),
    path(f"{COMMUNITY}members/<int:number>/", OneMember.as_view(), name="member"),
    path(f"{COMMUNITY}members/<int:number>/invitees/", Invitees.as_view(), name="invitees"),
    path(f"{COMMUNITY}members/<int:number>/inviter/", Inviter.as_view(), name="inviter"),
    path(f"{COMMUNITY}invitations/", Invitations.as_view(), name="invitations"),
    path(f"{COMMUNITY}invitations/send/", SendInvitation.as_view(), name="send_invitation"),
    path(f"{COMMUNITY}invitations/<int:invitation_id>/", OneInvitation.as_view(), name="invitation"),
    path(
        f"{COMMUNITY}invitations/<int:invitation_id>/revoke/",
        RevokeInvitation.as_view(),
        name="revoke_invitation",
    ),
    path(f"{COMMUNITY}members/<int:number>/tier/", acts.ChangeTier.as_view(), name="member_tier"),
    path(f"{COMMUNITY}members/<int:number>/role/", acts.ChangeRole.as_view(), name="member_role"),
    *(
        path(f"{COMMUNITY}members/<int:number>/{key}/", acts.view_of(key).as_view(), name=f"member_{key}")
        for key in acts.WORDS
    ),
    path(f"{COMMUNITY}members/<int:number>/erase/", EraseMember.as_view(), name="erase_member"),
    path(f"{COMMUNITY}privacy/", Privacy.as_view(), name="privacy"),
    path(f"{COMMUNITY}privacy/due/", DueNow.as_view(), name="privacy_due"),
    path(f"{COMMUNITY}audit/", AuditLog.as_view(), name="audit"),
    path(f"{COMMUNITY}notifications/", Wishes.as_view(), name="notifications"),
    path(f"{COMMUNITY}notices/", notices.Notices.as_view(), name="notices"),
    path(f"{COMMUNITY}notices/read/", notices.ReadNotices.as_view(), name="read_notices"),
    path(f"{COMMUNITY}notices/<uuid:notice_id>/read/", notices.ReadNotice.as_view(), name="read_notice"),
    path(f"{COMMUNITY}quiet-hours/", notices.QuietHours.as_view(), name="quiet_hours"),
    path(f"{COMMUNITY}mail/", Messages.as_view(), name="mail"),
    path(f"{COMMUNITY}mail/<uuid:message_id>/", OneMessage.as_view(), name="letter"),
    path(f"{COMMUNITY}mail/<uuid:message_id>/again/", SendAgain.as_view(), name="send_letter_again"),
    path(f"{COMMUNITY}members/<int:number>/dead-addresses/", DeadAddresses.as_view(), name="dead_addresses"),
    path(f"{COMMUNITY}members/<int:number>/lift-address/", LiftAddress.as_view(), name="lift_address"),
    path(f"{COMMUNITY}mail-templates/", MailTemplates.as_view(), name="mail_templates"),
    path(
        f"{COMMUNITY}mail-templates/<str:letter>/<slug:language>/",
        OneMailTemplate.as_view(),
        name="mail_template",
    ),
    path(
        f"{COMMUNITY}mail-templates/<str:letter>/<slug:language>/reset/",
        ResetMailTemplate.as_view(),
        name="reset_mail_template",
    ),
    path(f"{COMMUNITY}people/", people.People.as_view(), name="people"),
    path(f"{COMMUNITY}people/<int:number>/", people.OnePerson.as_view(), name="person"),
    path(f"{COMMUNITY}profile/", people.OwnProfile.as_view(), name="profile"),
    path(f"{COMMUNITY}card/", people.Card.as_view(), name="card"),
    path(f"{COMMUNITY}cards/check/", people.CheckCard.as_view(), name="check_card"),
    path(f"{COMMUNITY}imports/", Imports.as_view(), name="imports"),
    path(f"{COMMUNITY}imports/<uuid:run_id>/", OneImport.as_view(), name="import"),
    path(f"{COMMUNITY}duplicates/", Duplicates.as_view(), name="duplicates"),
    path(f"{COMMUNITY}duplicates/apart/", KeepApart.as_view(), name="keep_apart"),
    path(f"{COMMUNITY}merges/", Merges.as_view(), name="merges"),
    path(f"{COMMUNITY}merges/<uuid:merge_id>/", OneMerge.as_view(), name="merge"),
    path(f"{COMMUNITY}merges/<uuid:merge_id>/undo/", UndoMerge.as_view(), name="undo_merge"),
    path(f"{COMMUNITY}merge-proposals/", Proposals.as_view(), name="merge_proposals"),
    path(
        f"{COMMUNITY}merge-proposals/<uuid:proposal_id>/answer/",
        AnswerProposal.as_view(),
        name="answer_merge_proposal",
    ),
    path(
        f"{COMMUNITY}merge-proposals/<uuid:proposal_id>/withdraw/",
        WithdrawProposal.as_view(),
        name="withdraw_merge_proposal",
    ),
    path(f"{COMMUNITY}members/<int:number>/notes/", Notes.as_view(), name="notes"),
    path(f"{COMMUNITY}members/<int:number>/notes/<int:note_id>/", OneNote.as_view(), name="note"),
    path(f"{COMMUNITY}fields/", CustomFields.as_view(), name="fields"),
    path(f"{COMMUNITY}fields/<int:field_id>/", OneCustomField.as_view(), name="field"),
    path(f"{COMMUNITY}bulk/", BulkActs.as_view(), name="bulk_acts"),
    path(f"{COMMUNITY}bulk/<uuid:bulk_id>/", OneBulkAct.as_view(), name="bulk_act"),
    path(f"{COMMUNITY}bulk/<uuid:bulk_id>/undo/", UndoBulkAct.as_view(), name="undo_bulk_act"),
    path(f"{COMMUNITY}segments/", Segments.as_view(), name="segments"),
    path(f"{COMMUNITY}segments/<int:segment_id>/", OneSegment.as_view(), name="segment"),
    path(f"{COMMUNITY}tiers/", Tiers.as_view(), name="tiers"),
    path(f"{COMMUNITY}tiers/<slug:tier_key>/", OneTier.as_view(), name="tier"),
]
