"""Who may do what, as one table: every room of a community and every operation of its API, by who asks.

A row is an address (and what is done there); a column is a person. What a page or operation stands behind is
named by its permission, which docs/permissions.md explains. A new address that is not in the table fails.

    .   the page or the answer          x   forbidden: told so (403)
    -   not found (404)                 >   sent to sign in, or (in the API) 401
"""

import json
from functools import cache

import pytest
from django.db import transaction
from django.test import Client
from django.utils.safestring import SafeString

from communities.models import ApiKey
from communities.services import settings as community_settings
from kernel.api import operations
from kernel.permissions import permissions
from members.models import Membership
from members.roles import Role, Status
from tests import make, once
from tests.contracts.addresses import views
from tests.contracts.test_the_wall import furnished
from tests.sampled import sample, those

pytestmark = pytest.mark.django_db

#: In the order of the columns. nobody: has not signed in. other: another community's owner. left, removed: were
#: members here. lapsed: was a manager whose membership has lapsed. The others are members here with that role.
PEOPLE = "nobody other left removed lapsed member host treasurer moderator manager owner".split()

ROOMS = """
                                                          nob oth lft rmd lps mem hst tre mod man own
GET   {c}                                                  .   .   .   .   .   .   .   .   .   .   .  public
GET   {c}privacy/                                          .   .   .   .   .   .   .   .   .   .   .  public
GET   {c}join/                                             >   .   .   .   .   .   .   .   .   .   .  public
GET   {c}leave/                                            >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}circles/                                          >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}circles/                                          >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}circles/<any_slug:circle_slug>/                   >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}circles/<any_slug:circle_slug>/                   >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}posts/                                            >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}search/                                           >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}missed/                                           >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}posts/read/                                       >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}circles/<any_slug:circle_slug>/write/             >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}circles/<any_slug:circle_slug>/write/             >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}circles/<any_slug:circle_slug>/names/             >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}posts/<uuid:post_key>/                            >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}posts/<uuid:post_key>/                            >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}posts/<uuid:post_key>/edit/                       >   -   -   -   -   x   x   x   x   x   x  asked
POST  {c}posts/<uuid:post_key>/edit/                       >   -   -   -   -   x   x   x   x   x   x  asked
POST  {c}posts/<uuid:post_key>/act/                        >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}posts/<uuid:post_key>/reactions/                  >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}posts/<uuid:post_key>/reactions/                  >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}comments/<uuid:comment_key>/reactions/            >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}comments/<uuid:comment_key>/reactions/            >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}comments/<uuid:comment_key>/accept/               >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}posts/<uuid:post_key>/vote/                       >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}posts/<uuid:post_key>/poll/close/                 >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}posts/<uuid:post_key>/move/                       >   -   -   -   -   x   x   x   .   .   .  asked
POST  {c}posts/<uuid:post_key>/move/                       >   -   -   -   -   x   x   x   .   .   .  asked
POST  {c}preview/                                          >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}files/<uuid:file_key>/                            >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}files/<uuid:file_key>/small/                      >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}drafts/                                           >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}drafts/<uuid:draft_key>/throw-away/               >   -   -   -   -   -   -   -   -   -   -  asked
GET   {c}comments/<uuid:comment_key>/                      >   -   -   -   -   x   x   x   x   x   x  asked
POST  {c}comments/<uuid:comment_key>/                      >   -   -   -   -   x   x   x   x   x   x  asked
POST  {c}comments/<uuid:comment_key>/act/                  >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}messages/                                         >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}messages/                                         >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}messages/with/<int:number>/                       >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}messages/with/<int:number>/                       >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}messages/with/<int:number>/block/                 >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}messages/<uuid:message_key>/act/                  >   -   -   -   -   -   -   -   -   -   -  asked
GET   {c}desk/message-reports/                             >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {c}desk/message-reports/<uuid:message_report_key>/   >   -   -   -   -   x   x   x   .   .   .  posts.moderate
POST  {c}desk/message-reports/<uuid:message_report_key>/   >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {c}posts/<uuid:post_key>/report/                     >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}posts/<uuid:post_key>/report/                     >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}comments/<uuid:comment_key>/report/               >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}comments/<uuid:comment_key>/report/               >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}record/                                           >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}desk/reports/                                     >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {c}desk/reports/waiting/                             >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {c}desk/reports/<uuid:case_key>/                     >   -   -   -   -   x   x   x   .   .   .  posts.moderate
POST  {c}desk/reports/<uuid:case_key>/                     >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {c}desk/members/<int:number>/record/                 >   -   -   -   -   x   x   x   .   .   .  posts.moderate
POST  {c}desk/members/<int:number>/record/                 >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {c}record/<uuid:measure_key>/appeal/                 >   -   -   -   -   -   -   -   -   -   -  asked
POST  {c}record/<uuid:measure_key>/appeal/                 >   -   -   -   -   -   -   -   -   -   -  asked
GET   {c}desk/reports/appeals/                             >   -   -   -   -   x   x   x   .   .   .  posts.moderate
POST  {c}desk/reports/appeals/<uuid:appeal_key>/           >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {c}desk/reports/log/                                 >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {c}desk/settings/talk/                               >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {c}desk/settings/talk/                               >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {c}circles/<any_slug:circle_slug>/care/              >   -   -   -   -   x   x   x   x   x   x  asked
POST  {c}circles/<any_slug:circle_slug>/care/              >   -   -   -   -   x   x   x   x   x   x  asked
POST  {c}circles/<any_slug:circle_slug>/care/people/       >   -   -   -   -   x   x   x   x   x   x  asked
POST  {c}circles/<any_slug:circle_slug>/care/requests/<uuid:request_key>/ >   -   -   -   -   x   x   x   x   x   x  asked
GET   {c}events/                                            .   .   .   .   .   .   .   .   .   .   .  public
GET   {c}chapters/                                          >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}chapters/<str:circle_slug>/                        >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}events/new/                                        >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}events/new/                                        >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}events/<uuid:event_key>/                           .   .   .   .   .   .   .   .   .   .   .  public
POST  {c}events/<uuid:event_key>/answer/                    >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}events/<uuid:event_key>/edit/                      >   -   -   -   -   x   .   x   x   .   .  events.manage
POST  {c}events/<uuid:event_key>/edit/                      >   -   -   -   -   x   .   x   x   .   .  events.manage
POST  {c}events/<uuid:event_key>/announce/                  >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {c}events/<uuid:event_key>/cancel/                    >   -   -   -   -   x   .   x   x   .   .  events.manage
POST  {c}events/<uuid:event_key>/cancel/                    >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {c}events/<uuid:event_key>/pictures/                  >   -   -   -   -   x   .   x   x   .   .  events.manage
POST  {c}events/<uuid:event_key>/pictures/                  >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {c}events/<uuid:event_key>/pictures/<uuid:picture_key>/ .   .   .   .   .   .   .   .   .   .   .  public
GET   {c}events/<uuid:event_key>/pictures/<uuid:picture_key>/small/ .   .   .   .   .   .   .   .   .   .   .  public
GET   {c}events/map/                                        .   .   .   .   .   .   .   .   .   .   .  public
GET   {c}events/month/                                      .   .   .   .   .   .   .   .   .   .   .  public
GET   {c}events/<uuid:event_key>/event.ics                  .   .   .   .   .   .   .   .   .   .   .  public
GET   {c}events/<uuid:event_key>/again/                     >   -   -   -   -   x   .   x   x   .   .  events.manage
POST  {c}events/<uuid:event_key>/again/                     >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {c}events/<uuid:event_key>/people/                    >   -   -   -   -   x   .   x   .   .   .  events.admit
POST  {c}events/<uuid:event_key>/people/                    >   -   -   -   -   x   .   x   .   .   .  events.admit
GET   {c}events/<uuid:event_key>/people/counts/             >   -   -   -   -   x   .   x   .   .   .  events.admit
GET   {c}events/<uuid:event_key>/figures/                   >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {c}events/<uuid:event_key>/figures/figures.csv        >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {c}events/<uuid:event_key>/figures/people.csv         >   -   -   -   -   x   .   x   .   .   .  events.admit
GET   {c}desk/events/held/                                  >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {c}events/<uuid:event_key>/door/                      >   -   -   -   -   x   .   x   .   .   .  events.admit
GET   {c}events/<uuid:event_key>/door/list.json             >   -   -   -   -   x   .   x   .   .   .  events.admit
GET   {c}events/<uuid:event_key>/door/worker.js             >   -   -   -   -   x   .   x   .   .   .  events.admit
POST  {c}events/<uuid:event_key>/door/settle/               >   -   -   -   -   x   .   x   .   .   .  events.admit
GET   {c}events/<uuid:event_key>/buy/                       .   .   .   .   .   .   .   .   .   .   .  public
POST  {c}events/<uuid:event_key>/buy/                       .   .   .   .   .   .   .   .   .   .   .  public
GET   {c}events/<uuid:event_key>/wait-as-guest/             .   .   .   .   .   .   .   .   .   .   .  public
POST  {c}events/<uuid:event_key>/wait-as-guest/             .   .   .   .   .   .   .   .   .   .   .  public
GET   {c}waiting/<slug:turn_code>/                          .   .   .   .   .   .   .   .   .   .   .  public
POST  {c}waiting/<slug:turn_code>/                          .   .   .   .   .   .   .   .   .   .   .  public
GET   {c}tickets/<slug:ticket_code>/take/                   .   .   .   .   .   .   .   .   .   .   .  public
POST  {c}tickets/<slug:ticket_code>/take/                   .   .   .   .   .   .   .   .   .   .   .  public
POST  {c}events/<uuid:event_key>/wait/                      >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}events/<uuid:event_key>/tickets/                   >   -   -   -   -   x   .   x   x   .   .  events.manage
POST  {c}events/<uuid:event_key>/tickets/                   >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {c}events/<uuid:event_key>/tickets/<uuid:kind_key>/   >   -   -   -   -   x   .   x   x   .   .  events.manage
POST  {c}events/<uuid:event_key>/tickets/<uuid:kind_key>/   >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {c}events/<uuid:event_key>/orders/                    >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {c}events/<uuid:event_key>/orders/sheet/              >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {c}events/<uuid:event_key>/orders/<uuid:ticket_key>/take-back/ >   -   -   -   -   x   .   x   x   .   .  events.manage
POST  {c}events/<uuid:event_key>/orders/<uuid:ticket_key>/take-back/ >   -   -   -   -   x   .   x   x   .   .  events.manage
POST  {c}events/<uuid:event_key>/orders/<uuid:ticket_key>/invite/ >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {c}tickets/                                           >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}tickets/<slug:ticket_code>/                        .   .   .   .   .   .   .   .   .   .   .  public
POST  {c}tickets/<slug:ticket_code>/give-back/              .   .   .   .   .   .   .   .   .   .   .  public
GET   {c}desk/events/                                       >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {c}desk/events/cities/                                >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {c}desk/events/chapters/                              >   -   -   -   -   x   x   x   .   .   .  circles.manage
POST  {c}desk/events/chapters/                              >   -   -   -   -   x   x   x   .   .   .  circles.manage
GET   {c}desk/events/attendances.csv                        >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {c}desk/events/events.csv                             >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {c}desk/events/proposals/                             >   -   -   -   -   x   .   x   x   .   .  events.manage
POST  {c}desk/events/proposals/<uuid:event_key>/            >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {c}desk/settings/events/                              >   -   -   -   -   x   x   x   x   .   .  events.settings
POST  {c}desk/settings/events/                              >   -   -   -   -   x   x   x   x   .   .  events.settings
GET   {c}events/<uuid:event_key>/take/                      >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}events/<uuid:event_key>/take/                      >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}events/<uuid:event_key>/questions/                 >   -   -   -   -   x   .   x   x   .   .  events.manage
POST  {c}events/<uuid:event_key>/questions/                 >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {c}events/<uuid:event_key>/people/list.csv            >   -   -   -   -   x   .   x   .   .   .  events.admit
GET   {c}circles/<any_slug:circle_slug>/ask/               >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}circles/<any_slug:circle_slug>/ask/               >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}desk/                                             >   -   -   -   -   x   .   .   .   .   .  desk.enter
GET   {c}desk/settings/roles/                              >   -   -   -   -   x   .   .   .   .   .  desk.enter
GET   {c}desk/figures/freshness/                           >   -   -   -   -   x   .   .   .   .   .  desk.enter
GET   {c}desk/members/                                     >   -   -   -   -   x   .   .   .   .   .  members.view
POST  {c}desk/members/columns/                             >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/export.csv                           >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/<int:number>/                        >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/<int:number>/timeline/               >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/new/                                 >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {c}desk/members/new/                                 >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}desk/members/<int:number>/edit/                   >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {c}desk/members/<int:number>/edit/                   >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}desk/members/<int:number>/tier/                   >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {c}desk/members/<int:number>/tier/                   >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}desk/members/<int:number>/acts/<slug:act>/        >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {c}desk/members/<int:number>/acts/<slug:act>/        >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}desk/members/<int:number>/role/                   >   -   -   -   -   x   x   x   x   x   .  members.change_role
POST  {c}desk/members/<int:number>/role/                   >   -   -   -   -   x   x   x   x   x   .  members.change_role
GET   {c}desk/settings/imports/                            >   -   -   -   -   x   x   x   x   .   .  imports.run
POST  {c}desk/settings/imports/                            >   -   -   -   -   x   x   x   x   .   .  imports.run
GET   {c}desk/settings/imports/sample/<slug:kind>.csv      >   -   -   -   -   x   x   x   x   .   .  imports.run
GET   {c}desk/settings/imports/<uuid:run_id>/              >   -   -   -   -   x   x   x   x   .   .  imports.run
GET   {c}desk/settings/imports/<uuid:run_id>/report.csv    >   -   -   -   -   x   x   x   x   .   .  imports.run
GET   {c}desk/settings/imports/<uuid:run_id>/retract/      >   -   -   -   -   x   x   x   x   .   .  facts.retract
POST  {c}desk/settings/imports/<uuid:run_id>/retract/      >   -   -   -   -   x   x   x   x   .   .  facts.retract
GET   {c}desk/settings/                                    >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {c}desk/settings/                                    >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {c}desk/settings/keys/                               >   -   -   -   -   x   x   x   x   x   .  api_keys.manage
POST  {c}desk/settings/keys/                               >   -   -   -   -   x   x   x   x   x   .  api_keys.manage
POST  {c}desk/settings/keys/<uuid:key_id>/end/             >   -   -   -   -   x   x   x   x   x   .  api_keys.manage
GET   {c}desk/settings/reactions/                          >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {c}desk/settings/reactions/                          >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {c}desk/settings/audit/                              >   -   -   -   -   x   x   x   x   .   .  audit.view
GET   {c}desk/settings/audit/export.csv                    >   -   -   -   -   x   x   x   x   .   .  audit.view
GET   {c}desk/settings/privacy/                            >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {c}desk/settings/privacy/                            >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {c}desk/settings/privacy/due.csv                     >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {c}desk/members/<int:number>/erase/                  >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {c}desk/members/<int:number>/erase/                  >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}desk/settings/weights/                            >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {c}desk/settings/weights/                            >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {c}desk/settings/health/                             >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {c}desk/settings/health/                             >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {c}desk/experiments/                                 >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {c}desk/experiments/new/<slug:trial>/                >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {c}desk/experiments/new/<slug:trial>/                >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {c}desk/experiments/<uuid:experiment_key>/           >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {c}desk/experiments/<uuid:experiment_key>/rows.csv   >   -   -   -   -   x   .   .   .   .   .  figures.view
POST  {c}desk/experiments/<uuid:experiment_key>/decide/    >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {c}desk/week/                                        >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/week/<uuid:act_key>/                         >   -   -   -   -   x   .   .   .   .   .  members.view
POST  {c}desk/week/<uuid:act_key>/                         >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/ties/                                        >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {c}desk/ties/picture/                                >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {c}desk/ties/parts/<int:place>/                      >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/ties/introductions/                          >   -   -   -   -   x   .   .   .   .   .  figures.view
POST  {c}desk/ties/introduce/                              >   -   -   -   -   x   .   x   .   .   .  members.introduce
POST  {c}desk/ties/introductions/<uuid:introduction_key>/take-up/ >   -   -   -   -   x   .   x   .   .   .  members.introduce
GET   {c}desk/figures/                                     >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {c}desk/figures/<slug:key>/                          >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {c}desk/figures/<slug:key>/csv/                      >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {c}desk/figures/<slug:key>/verify/                   >   -   -   -   -   x   .   .   .   .   .  figures.view
POST  {c}desk/figures/<slug:key>/verify/                   >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {c}tree/                                             >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}tree/                                             >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}tree/link/                                        >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}desk/invitations/                                 >   -   -   -   -   x   .   x   x   .   .  invitations.manage
GET   {c}desk/invitations/new/                             >   -   -   -   -   x   .   x   x   .   .  invitations.manage
POST  {c}desk/invitations/new/                             >   -   -   -   -   x   .   x   x   .   .  invitations.manage
GET   {c}desk/invitations/letters/                         >   -   -   -   -   x   .   x   x   .   .  invitations.manage
POST  {c}desk/invitations/letters/                         >   -   -   -   -   x   .   x   x   .   .  invitations.manage
POST  {c}desk/invitations/<int:invitation_id>/revoke/      >   -   -   -   -   x   .   x   x   .   .  invitations.manage
GET   {c}desk/growth/                                      >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {c}desk/growth/costs/                                >   -   -   -   -   x   x   .   x   .   .  spends.manage
POST  {c}desk/growth/costs/                                >   -   -   -   -   x   x   .   x   .   .  spends.manage
GET   {c}desk/growth/costs/<uuid:spend_key>/               >   -   -   -   -   x   x   .   x   .   .  spends.manage
POST  {c}desk/growth/costs/<uuid:spend_key>/               >   -   -   -   -   x   x   .   x   .   .  spends.manage
POST  {c}desk/growth/costs/<uuid:spend_key>/remove/        >   -   -   -   -   x   x   .   x   .   .  spends.manage
GET   {c}desk/members/forest/                              >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/forest/<int:number>/                 >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/<int:number>/inviter/                >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {c}desk/members/<int:number>/inviter/                >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}people/                                           >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}people/<int:number>/                              >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}me/pause/                                         >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}me/pause/                                         >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}me/resume/                                        >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}card/                                             >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}card/renew/                                       >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}desk/members/conditions/                          >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/<int:number>/opened/                 >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/duplicates/                          >   -   -   -   -   x   x   x   x   .   .  members.merge
POST  {c}desk/members/duplicates/                          >   -   -   -   -   x   x   x   x   .   .  members.merge
GET   {c}desk/members/<int:number>/merge/                  >   -   -   -   -   x   x   x   x   .   .  members.merge
GET   {c}desk/members/<int:number>/merge/<int:other>/      >   -   -   -   -   x   x   x   x   .   .  members.merge
POST  {c}desk/members/<int:number>/merge/<int:other>/      >   -   -   -   -   x   x   x   x   .   .  members.merge
GET   {c}desk/members/merges/<uuid:merge_id>/              >   -   -   -   -   x   x   x   x   .   .  members.merge
POST  {c}desk/members/merges/<uuid:merge_id>/              >   -   -   -   -   x   x   x   x   .   .  members.merge
POST  {c}desk/members/merges/asked/<uuid:proposal_id>/     >   -   -   -   -   x   x   x   x   .   .  members.merge
GET   {c}one-person/<uuid:proposal_id>/                    >   -   -   -   -   -   -   -   -   -   -  asked
POST  {c}one-person/<uuid:proposal_id>/                    >   -   -   -   -   -   -   -   -   -   -  asked
GET   {c}desk/members/<int:number>/notes/                  >   -   -   -   -   x   .   .   .   .   .  members.note
POST  {c}desk/members/<int:number>/notes/                  >   -   -   -   -   x   .   .   .   .   .  members.note
GET   {c}desk/members/<int:number>/notes/<int:note_id>/    >   -   -   -   -   x   .   .   .   .   .  members.note
POST  {c}desk/members/<int:number>/notes/<int:note_id>/    >   -   -   -   -   x   .   .   .   .   .  members.note
POST  {c}desk/members/<int:number>/notes/<int:note_id>/delete/ >   -   -   -   -   x   .   .   .   .   .  members.note
GET   {c}desk/settings/fields/                             >   -   -   -   -   x   x   x   x   .   .  members.fields
POST  {c}desk/settings/fields/                             >   -   -   -   -   x   x   x   x   .   .  members.fields
GET   {c}desk/settings/fields/new/                         >   -   -   -   -   x   x   x   x   .   .  members.fields
POST  {c}desk/settings/fields/new/                         >   -   -   -   -   x   x   x   x   .   .  members.fields
GET   {c}desk/settings/fields/<int:field_id>/              >   -   -   -   -   x   x   x   x   .   .  members.fields
POST  {c}desk/settings/fields/<int:field_id>/              >   -   -   -   -   x   x   x   x   .   .  members.fields
POST  {c}desk/settings/fields/<int:field_id>/delete/       >   -   -   -   -   x   x   x   x   .   .  members.fields
GET   {c}desk/members/bulk/                                >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/bulk/new/                            >   -   -   -   -   x   .   .   .   .   .  members.view
POST  {c}desk/members/bulk/new/                            >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/bulk/<uuid:bulk_id>/                 >   -   -   -   -   x   .   .   .   .   .  members.view
POST  {c}desk/members/bulk/<uuid:bulk_id>/undo/            >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/bulk/<uuid:bulk_id>/refused.csv      >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/segments/                            >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/segments/new/                        >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {c}desk/members/segments/new/                        >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}desk/members/segments/<int:segment_id>/           >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {c}desk/members/segments/<int:segment_id>/           >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}desk/members/segments/<int:segment_id>/count/     >   -   -   -   -   x   .   .   .   .   .  members.view
POST  {c}desk/members/segments/<int:segment_id>/delete/    >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {c}desk/members/<int:number>/lift-address/           >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}desk/settings/mail/                               >   -   -   -   -   x   x   x   x   .   .  mail.manage
GET   {c}desk/settings/mail/log/                           >   -   -   -   -   x   x   x   x   .   .  mail.manage
POST  {c}desk/settings/mail/log/<uuid:message_id>/again/   >   -   -   -   -   x   x   x   x   .   .  mail.manage
GET   {c}desk/settings/mail/<str:letter>/<slug:language>/  >   -   -   -   -   x   x   x   x   .   .  mail.manage
POST  {c}desk/settings/mail/<str:letter>/<slug:language>/  >   -   -   -   -   x   x   x   x   .   .  mail.manage
GET   {c}references/<uuid:reference_id>/                   >   -   -   -   -   -   -   -   -   -   .  asked
POST  {c}references/<uuid:reference_id>/                   >   -   -   -   -   -   -   -   -   -   .  asked
GET   {c}desk/circles/requests/                            >   -   -   -   -   x   .   x   .   .   .  circles.admit
POST  {c}desk/circles/requests/<uuid:request_key>/         >   -   -   -   -   x   .   x   .   .   .  circles.admit
GET   {c}desk/applications/                                >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}desk/applications/<uuid:application_id>/          >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {c}desk/applications/<uuid:application_id>/          >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}desk/applications/<uuid:application_id>/files/<uuid:file_id>/ >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}desk/settings/tiers/                              >   -   -   -   -   x   x   x   x   .   .  tiers.manage
POST  {c}desk/settings/tiers/                              >   -   -   -   -   x   x   x   x   .   .  tiers.manage
GET   {c}desk/settings/tiers/<slug:tier_key>/              >   -   -   -   -   x   x   x   x   .   .  tiers.manage
POST  {c}desk/settings/tiers/<slug:tier_key>/              >   -   -   -   -   x   x   x   x   .   .  tiers.manage
POST  {c}desk/settings/tiers/<slug:tier_key>/delete/       >   -   -   -   -   x   x   x   x   .   .  tiers.manage
GET   {c}desk/settings/joining/                            >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {c}desk/settings/joining/                            >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {c}desk/settings/joining/rules/                      >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {c}desk/settings/joining/letters/                    >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {c}desk/settings/joining/letters/                    >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {c}desk/settings/joining/questions/<int:question_id>/ >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {c}desk/settings/joining/questions/<int:question_id>/ >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {c}desk/settings/circles/                            >   -   -   -   -   x   x   x   .   .   .  circles.manage
POST  {c}desk/settings/circles/                            >   -   -   -   -   x   x   x   .   .   .  circles.manage
GET   {c}desk/settings/circles/talk.csv                    >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {c}desk/settings/circles/<any_slug:circle_slug>/     >   -   -   -   -   x   x   x   .   .   .  circles.manage
POST  {c}desk/settings/circles/<any_slug:circle_slug>/     >   -   -   -   -   x   x   x   .   .   .  circles.manage
POST  {c}desk/settings/circles/<any_slug:circle_slug>/act/ >   -   -   -   -   x   x   x   .   .   .  circles.manage
POST  {c}desk/settings/circles/<any_slug:circle_slug>/people/ >   -   -   -   -   x   x   x   .   .   .  circles.manage
GET   {c}plans/                                            >   -   .   .   .   .   .   .   .   .   .  public
POST  {c}plans/                                            >   -   .   .   .   .   .   .   .   .   .  asked
GET   {c}dues/                                             >   -   .   .   .   .   .   .   .   .   .  public
POST  {c}dues/                                             >   -   -   -   -   -   -   -   -   -   -  asked
GET   {c}dues/seats/                                       >   -   -   -   -   -   -   -   -   -   -  asked
POST  {c}dues/seats/                                       >   -   -   -   -   -   -   -   -   -   -  asked
GET   {c}dues/give/                                        >   -   .   .   .   .   .   .   .   .   .  public
POST  {c}dues/give/                                        >   -   .   .   .   .   .   .   .   .   .  asked
GET   {c}dues/gifts/                                       >   -   .   .   .   .   .   .   .   .   .  public
POST  {c}dues/gifts/                                       >   -   -   -   -   -   -   -   -   -   -  asked
GET   {c}dues/gifts/<uuid:gift_key>/                       >   -   -   -   -   -   -   -   -   -   -  asked
GET   {c}gift/<slug:gift_code>/                            .   .   .   .   .   .   .   .   .   .   .  public
POST  {c}gift/<slug:gift_code>/                            >   .   .   .   .   .   .   .   .   .   .  asked
GET   {c}desk/money/rewards/                               >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {c}desk/money/gifts/                                 >   -   -   -   -   x   x   .   x   .   .  money.view
POST  {c}desk/money/gifts/<uuid:gift_key>/revoke/          >   -   -   -   -   x   x   .   x   x   .  money.manage
GET   {c}seat/<slug:seat_code>/                            .   .   .   .   .   .   .   .   .   .   .  public
POST  {c}seat/<slug:seat_code>/                            >   .   .   .   .   .   .   .   .   .   .  asked
GET   {c}desk/settings/plans/                              >   -   -   -   -   x   x   .   x   x   .  plans.manage
POST  {c}desk/settings/plans/                              >   -   -   -   -   x   x   .   x   x   .  plans.manage
GET   {c}desk/settings/plans/<uuid:plan_key>/              >   -   -   -   -   x   x   .   x   x   .  plans.manage
POST  {c}desk/settings/plans/<uuid:plan_key>/              >   -   -   -   -   x   x   .   x   x   .  plans.manage
POST  {c}desk/settings/plans/<uuid:plan_key>/archive/      >   -   -   -   -   x   x   .   x   x   .  plans.manage
GET   {c}desk/settings/coupons/                            >   -   -   -   -   x   x   .   x   x   .  plans.manage
POST  {c}desk/settings/coupons/                            >   -   -   -   -   x   x   .   x   x   .  plans.manage
POST  {c}desk/settings/coupons/<uuid:coupon_key>/end/      >   -   -   -   -   x   x   .   x   x   .  plans.manage
GET   {c}desk/settings/ways-to-pay/                        >   -   -   -   -   x   x   x   x   x   .  rails.manage
GET   {c}desk/settings/ways-to-pay/<slug:rail>/            >   -   -   -   -   x   x   x   x   x   .  rails.manage
POST  {c}desk/settings/ways-to-pay/<slug:rail>/            >   -   -   -   -   x   x   x   x   x   .  rails.manage
POST  {c}desk/settings/ways-to-pay/<slug:rail>/act/        >   -   -   -   -   x   x   x   x   x   -  asked
GET   {c}desk/money/                                       >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {c}desk/money/owed/                                  >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {c}desk/money/reconciliation/                        >   -   -   -   -   x   x   .   x   .   .  money.view
POST  {c}desk/money/reconciliation/<uuid:difference_key>/settle/ >   -   -   -   -   x   x   .   x   x   .  money.manage
GET   {c}desk/money/ledger/                                >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {c}desk/money/ledger/entries.csv                     >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {c}desk/money/ledger/trial-balance.csv               >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {c}desk/money/ledger/<slug:ledger_account>/          >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {c}desk/money/ledger/posting/<uuid:posting_key>/     >   -   -   -   -   x   x   .   x   .   .  money.view
POST  {c}desk/money/owed/<uuid:invoice_key>/act/           >   -   -   -   -   x   x   .   x   x   .  money.manage
GET   {c}desk/money/subscriptions/                         >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {c}desk/members/<int:number>/dues/                   >   -   -   -   -   x   x   .   x   .   .  money.view
POST  {c}desk/members/<int:number>/dues/act/               >   -   -   -   -   x   x   .   x   x   .  money.manage
GET   {c}desk/money/payments/                              >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {c}desk/money/payments/<uuid:payment_key>/           >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {c}desk/money/payments/<uuid:payment_key>/refund/    >   -   -   -   -   x   x   .   x   x   .  money.manage
POST  {c}desk/money/payments/<uuid:payment_key>/refund/    >   -   -   -   -   x   x   .   x   x   .  money.manage
POST  {c}desk/money/payments/<uuid:payment_key>/take-back/ >   -   -   -   -   x   x   .   x   x   .  money.manage
POST  {c}desk/money/payments/stuck/<slug:kind>/            >   -   -   -   -   x   x   -   x   x   -  asked
GET   {c}desk/money/transfers/                             >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {c}desk/money/transfers/statement/                   >   -   -   -   -   x   x   .   x   x   .  money.manage
POST  {c}desk/money/transfers/statement/                   >   -   -   -   -   x   x   .   x   x   .  money.manage
POST  {c}desk/money/transfers/<uuid:transfer_key>/confirm/ >   -   -   -   -   x   x   .   x   x   .  money.manage
GET   {c}desk/money/disputes/                              >   -   -   -   -   x   x   .   x   .   .  money.view
POST  {c}desk/money/disputes/<uuid:dispute_key>/act/       >   -   -   -   -   x   x   .   x   x   .  money.manage
GET   {c}desk/settings/money/                              >   -   -   -   -   x   x   .   x   x   .  money.settings
POST  {c}desk/settings/money/                              >   -   -   -   -   x   x   .   x   x   .  money.settings
GET   {c}me/                                                >   -   .   .   .   .   .   .   .   .   .  members
POST  {c}me/                                                >   -   -   -   -   .   .   .   .   .   .  members
"""

OPERATIONS = """
                                                          nob oth lft rmd lps mem hst tre mod man own
GET   {a}                                                  >   -   -   -   -   .   .   .   .   .   .  members
PATCH {a}                                                  >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {a}audit/                                            >   -   -   -   -   x   x   x   x   .   .  audit.view
GET   {a}privacy/                                          >   -   -   -   -   .   .   .   .   .   .  members
PATCH {a}privacy/                                          >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {a}privacy/due/                                      >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {a}members/<int:number>/erase/                       >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {a}circles/                                          >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}tiers/                                            >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}members/                                          >   -   -   -   -   x   .   .   .   .   .  members.view
POST  {a}members/                                          >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {a}members/<int:number>/                             >   -   -   -   -   x   .   .   .   .   .  members.view
PATCH {a}members/<int:number>/                             >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/tier/                        >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/role/                        >   -   -   -   -   x   x   x   x   x   .  members.change_role
POST  {a}members/<int:number>/wait/                        >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/approve/                     >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/reject/                      >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/ask_payment/                 >   -   -   -   -   x   x   .   x   .   .  members.dues
POST  {a}members/<int:number>/begin_trial/                 >   -   -   -   -   x   x   .   x   .   .  members.dues
POST  {a}members/<int:number>/activate/                    >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/pause/                       >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/resume/                      >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/suspend/                     >   -   -   -   -   x   x   .   x   .   .  members.dues
POST  {a}members/<int:number>/lapse/                       >   -   -   -   -   x   x   .   x   .   .  members.dues
POST  {a}members/<int:number>/renew/                       >   -   -   -   -   x   x   .   x   .   .  members.dues
POST  {a}members/<int:number>/restrict/                    >   -   -   -   -   x   x   x   .   .   .  members.discipline
POST  {a}members/<int:number>/lift/                        >   -   -   -   -   x   x   x   .   .   .  members.discipline
POST  {a}members/<int:number>/take_back/                   >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/leave/                       >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/remove/                      >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/ban/                         >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {a}members/<int:number>/timeline/                    >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {a}imports/                                          >   -   -   -   -   x   x   x   x   .   .  imports.run
POST  {a}imports/                                          >   -   -   -   -   x   x   x   x   .   .  imports.run
GET   {a}imports/<uuid:run_id>/                            >   -   -   -   -   x   x   x   x   .   .  imports.run
POST  {a}activities/                                       >   -   -   -   -   x   x   x   x   .   .  imports.run
GET   {a}week-acts/                                        >   -   -   -   -   x   .   .   .   .   .  members.view
POST  {a}week-acts/<uuid:act_key>/decide/                  >   -   -   -   -   x   .   .   .   .   .  members.note
GET   {a}experiments/                                      >   -   -   -   -   x   .   .   .   .   .  figures.view
POST  {a}experiments/                                      >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {a}experiments/<uuid:experiment_key>/                >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {a}experiments/<uuid:experiment_key>/rows/           >   -   -   -   -   x   .   .   .   .   .  figures.view
POST  {a}experiments/<uuid:experiment_key>/start/          >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {a}experiments/<uuid:experiment_key>/stop/           >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {a}experiments/<uuid:experiment_key>/take/           >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {a}introductions/                                    >   -   -   -   -   x   .   .   .   .   .  figures.view
POST  {a}introductions/                                    >   -   -   -   -   x   .   x   .   .   .  members.introduce
POST  {a}introductions/decline/                            >   -   -   -   -   x   .   x   .   .   .  members.introduce
DELETE {a}introductions/<uuid:introduction_key>/            >   -   -   -   -   x   .   x   .   .   .  members.introduce
GET   {a}spends/                                           >   -   -   -   -   x   x   .   x   .   .  spends.manage
POST  {a}spends/                                           >   -   -   -   -   x   x   .   x   .   .  spends.manage
GET   {a}spends/<uuid:spend_key>/                          >   -   -   -   -   x   x   .   x   .   .  spends.manage
PATCH {a}spends/<uuid:spend_key>/                          >   -   -   -   -   x   x   .   x   .   .  spends.manage
POST  {a}spends/<uuid:spend_key>/remove/                   >   -   -   -   -   x   x   .   x   .   .  spends.manage
POST  {a}spends/<uuid:spend_key>/take-back/                >   -   -   -   -   x   x   .   x   .   .  spends.manage
GET   {a}well-being/                                       >   -   -   -   -   x   x   x   x   .   .  settings.change
PATCH {a}well-being/                                       >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {a}metrics/                                          >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {a}metrics/active_members/                           >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {a}metrics/<slug:key>/verify/                        >   -   -   -   -   x   .   .   .   .   .  figures.view
POST  {a}metrics/<slug:key>/verify/                        >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {a}members/<int:number>/invitees/                    >   -   -   -   -   x   .   .   .   .   .  members.view
POST  {a}members/<int:number>/inviter/                     >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {a}invitations/                                      >   -   -   -   -   x   .   x   x   .   .  invitations.manage
POST  {a}invitations/                                      >   -   -   -   -   x   .   x   x   .   .  invitations.manage
POST  {a}invitations/send/                                 >   -   -   -   -   .   .   .   .   .   .  invitations.send
GET   {a}invitations/<int:invitation_id>/                  >   -   -   -   -   x   .   x   x   .   .  invitations.manage
POST  {a}invitations/<int:invitation_id>/revoke/           >   -   -   -   -   x   .   x   x   .   .  invitations.manage
GET   {a}notifications/                                    >   -   -   -   -   .   .   .   .   .   .  members
PATCH {a}notifications/                                    >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}notices/                                          >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}notices/read/                                     >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}notices/<uuid:notice_id>/read/                    >   -   -   -   -   -   -   -   -   -   -  asked
GET   {a}quiet-hours/                                      >   -   -   -   -   .   .   .   .   .   .  members
PUT   {a}quiet-hours/                                      >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}mail/                                             >   -   -   -   -   x   x   x   x   .   .  mail.manage
GET   {a}mail/<uuid:message_id>/                           >   -   -   -   -   x   x   x   x   .   .  mail.manage
POST  {a}mail/<uuid:message_id>/again/                     >   -   -   -   -   x   x   x   x   .   .  mail.manage
GET   {a}members/<int:number>/dead-addresses/              >   -   -   -   -   x   x   x   x   .   .  mail.manage
POST  {a}members/<int:number>/lift-address/                >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {a}mail-templates/                                   >   -   -   -   -   x   x   x   x   .   .  mail.manage
GET   {a}mail-templates/<str:letter>/<slug:language>/      >   -   -   -   -   x   x   x   x   .   .  mail.manage
PATCH {a}mail-templates/<str:letter>/<slug:language>/      >   -   -   -   -   x   x   x   x   .   .  mail.manage
POST  {a}mail-templates/<str:letter>/<slug:language>/reset/ >   -   -   -   -   x   x   x   x   .   .  mail.manage
GET   {a}people/                                           >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}people/<int:number>/                              >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}people/<int:number>/met/                          >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}profile/                                          >   -   -   -   -   .   .   .   .   .   .  members
PATCH {a}profile/                                          >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}card/                                             >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}card/                                             >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}cards/check/                                      >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}duplicates/                                       >   -   -   -   -   x   x   x   x   .   .  members.merge
POST  {a}duplicates/apart/                                 >   -   -   -   -   x   x   x   x   .   .  members.merge
GET   {a}merges/                                           >   -   -   -   -   x   x   x   x   .   .  members.merge
POST  {a}merges/                                           >   -   -   -   -   x   x   x   x   .   .  members.merge
GET   {a}merges/<uuid:merge_id>/                           >   -   -   -   -   x   x   x   x   .   .  members.merge
POST  {a}merges/<uuid:merge_id>/undo/                      >   -   -   -   -   x   x   x   x   .   .  members.merge
GET   {a}merge-proposals/                                  >   -   -   -   -   x   x   x   x   .   .  members.merge
POST  {a}merge-proposals/                                  >   -   -   -   -   x   x   x   x   .   .  members.merge
POST  {a}merge-proposals/<uuid:proposal_id>/withdraw/      >   -   -   -   -   x   x   x   x   .   .  members.merge
POST  {a}merge-proposals/<uuid:proposal_id>/answer/        >   -   -   -   -   -   -   -   -   -   -  asked
GET   {a}members/<int:number>/notes/                       >   -   -   -   -   x   .   .   .   .   .  members.view
POST  {a}members/<int:number>/notes/                       >   -   -   -   -   x   .   .   .   .   .  members.note
GET   {a}members/<int:number>/notes/<int:note_id>/         >   -   -   -   -   x   .   .   .   .   .  members.view
PATCH {a}members/<int:number>/notes/<int:note_id>/         >   -   -   -   -   x   .   .   .   .   .  members.note
DELETE {a}members/<int:number>/notes/<int:note_id>/         >   -   -   -   -   x   .   .   .   .   .  members.note
GET   {a}fields/                                           >   -   -   -   -   x   .   .   .   .   .  members.view
POST  {a}fields/                                           >   -   -   -   -   x   x   x   x   .   .  members.fields
GET   {a}fields/<int:field_id>/                            >   -   -   -   -   x   .   .   .   .   .  members.view
PATCH {a}fields/<int:field_id>/                            >   -   -   -   -   x   x   x   x   .   .  members.fields
DELETE {a}fields/<int:field_id>/                            >   -   -   -   -   x   x   x   x   .   .  members.fields
GET   {a}bulk/                                             >   -   -   -   -   x   .   .   .   .   .  members.view
POST  {a}bulk/                                             >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {a}bulk/<uuid:bulk_id>/                              >   -   -   -   -   x   .   .   .   .   .  members.view
POST  {a}bulk/<uuid:bulk_id>/undo/                         >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {a}segments/                                         >   -   -   -   -   x   .   .   .   .   .  members.view
POST  {a}segments/                                         >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {a}segments/<int:segment_id>/                        >   -   -   -   -   x   .   .   .   .   .  members.view
PATCH {a}segments/<int:segment_id>/                        >   -   -   -   -   x   x   x   x   .   .  members.change
DELETE {a}segments/<int:segment_id>/                        >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}tiers/                                            >   -   -   -   -   x   x   x   x   .   .  tiers.manage
GET   {a}tiers/<slug:tier_key>/                            >   -   -   -   -   x   .   .   .   .   .  members.view
PATCH {a}tiers/<slug:tier_key>/                            >   -   -   -   -   x   x   x   x   .   .  tiers.manage
DELETE {a}tiers/<slug:tier_key>/                            >   -   -   -   -   x   x   x   x   .   .  tiers.manage
GET   {a}events/                                            >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}events/                                            >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}events/<uuid:event_key>/                           >   -   -   -   -   .   .   .   .   .   .  members
PATCH {a}events/<uuid:event_key>/                           >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}events/<uuid:event_key>/publish/                   >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}events/<uuid:event_key>/cancel/                    >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}chapters/                                          >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}chapters/                                          >   -   -   -   -   x   x   x   .   .   .  circles.manage
GET   {a}chapters/<str:circle_slug>/                        >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}chapter-suggestions/                               >   -   -   -   -   x   x   x   .   .   .  circles.manage
POST  {a}events/<uuid:event_key>/pictures/                  >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}events/<uuid:event_key>/pictures/<uuid:picture_key>/ >   -   -   -   -   .   .   .   .   .   .  members
PATCH {a}events/<uuid:event_key>/pictures/<uuid:picture_key>/ >   -   -   -   -   .   .   .   .   .   .  members
DELETE {a}events/<uuid:event_key>/pictures/<uuid:picture_key>/ >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}events/<uuid:event_key>/pictures/<uuid:picture_key>/content/ >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}events/<uuid:event_key>/decide/                    >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {a}events/<uuid:event_key>/figures/                   >   -   -   -   -   x   .   .   .   .   .  asked
GET   {a}events/<uuid:event_key>/people/                    >   -   -   -   -   x   .   x   .   .   .  asked
GET   {a}events/export/                                     >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {a}attendances/export/                                >   -   -   -   -   x   .   x   x   .   .  events.manage
GET   {a}events/<uuid:event_key>/kinds/                     >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}events/<uuid:event_key>/kinds/                     >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}events/<uuid:event_key>/kinds/<uuid:kind_key>/     >   -   -   -   -   .   .   .   .   .   .  members
PATCH {a}events/<uuid:event_key>/kinds/<uuid:kind_key>/     >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}events/<uuid:event_key>/kinds/<uuid:kind_key>/withdraw/ >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}events/<uuid:event_key>/wait/                      >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}events/<uuid:event_key>/stop-waiting/              >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}waiting/                                           >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}attendances/                                       >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}attendances/                                       >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}tickets/                                           >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}tickets/<uuid:ticket_key>/                         >   -   -   -   -   -   .   -   .   .   .  asked
POST  {a}tickets/<uuid:ticket_key>/give-back/               >   -   -   -   -   -   -   -   -   -   -  asked
POST  {a}tickets/<uuid:ticket_key>/take-back/               >   -   -   -   -   -   .   -   .   .   .  asked
POST  {a}circles/                                          >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}circles/<str:circle_slug>/                        >   -   -   -   -   .   .   .   .   .   .  members
PATCH {a}circles/<str:circle_slug>/                        >   -   -   -   -   x   x   x   .   .   .  circles.manage
POST  {a}circles/<str:circle_slug>/join/                   >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}circles/<str:circle_slug>/ask/                    >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}circles/<str:circle_slug>/leave/                  >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}circles/<str:circle_slug>/members/                >   -   -   -   -   x   x   x   .   .   .  circles.manage
POST  {a}circles/<str:circle_slug>/posts/                  >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}posts/                                            >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}posts/<uuid:post_key>/                            >   -   -   -   -   .   .   .   .   .   .  members
PATCH {a}posts/<uuid:post_key>/                            >   -   -   -   -   .   .   .   .   .   .  members
DELETE {a}posts/<uuid:post_key>/                           >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}search/                                           >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}missed/                                           >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}unread/                                           >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}unread/                                           >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}posts/<uuid:post_key>/read/                       >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}posts/<uuid:post_key>/order/                      >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {a}posts/<uuid:post_key>/reactions/                  >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}posts/<uuid:post_key>/reactions/                  >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}comments/<uuid:comment_key>/reactions/            >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}comments/<uuid:comment_key>/reactions/            >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}posts/<uuid:post_key>/answer/                     >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}posts/<uuid:post_key>/votes/                      >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}posts/<uuid:post_key>/poll/close/                 >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}posts/<uuid:post_key>/comments/                   >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}posts/<uuid:post_key>/comments/                   >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}comments/<uuid:comment_key>/                      >   -   -   -   -   .   .   .   .   .   .  members
PATCH {a}comments/<uuid:comment_key>/                      >   -   -   -   -   .   .   .   .   .   .  members
DELETE {a}comments/<uuid:comment_key>/                     >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}comments/<uuid:comment_key>/order/                >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {a}conversations/                                    >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}conversations/<int:number>/messages/              >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}conversations/<int:number>/messages/              >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}conversations/<int:number>/read/                  >   -   -   -   -   .   .   .   .   .   .  members
PUT   {a}conversations/<int:number>/block/                 >   -   -   -   -   .   .   .   .   .   .  members
DELETE {a}conversations/<int:number>/block/                >   -   -   -   -   .   .   .   .   .   .  members
DELETE {a}direct-messages/<uuid:message_key>/              >   -   -   -   -   -   -   -   -   -   -  asked
POST  {a}direct-messages/<uuid:message_key>/report/        >   -   -   -   -   -   -   -   -   -   -  asked
GET   {a}message-wish/                                     >   -   -   -   -   .   .   .   .   .   .  members
PUT   {a}message-wish/                                     >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}message-reports/                                  >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {a}message-reports/<uuid:message_report_key>/        >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {a}message-reports/<uuid:message_report_key>/evidence/ >   -   -   -   -   x   x   x   .   .   .  posts.moderate
POST  {a}message-reports/<uuid:message_report_key>/settle/ >   -   -   -   -   x   x   x   .   .   .  posts.moderate
POST  {a}files/                                            >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}files/<uuid:file_key>/                            >   -   -   -   -   .   .   .   .   .   .  members
PATCH {a}files/<uuid:file_key>/                            >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}files/<uuid:file_key>/content/                    >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}drafts/                                           >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}drafts/                                           >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}drafts/<uuid:draft_key>/                          >   -   -   -   -   -   -   -   -   -   -  asked
DELETE {a}drafts/<uuid:draft_key>/                         >   -   -   -   -   -   -   -   -   -   -  asked
POST  {a}posts/<uuid:post_key>/reports/                    >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}comments/<uuid:comment_key>/reports/              >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}reports/                                          >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {a}reports/<uuid:case_key>/                          >   -   -   -   -   x   x   x   .   .   .  posts.moderate
POST  {a}reports/<uuid:case_key>/decide/                   >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {a}members/<int:number>/measures/                    >   -   -   -   -   x   x   x   .   .   .  posts.moderate
POST  {a}members/<int:number>/measures/                    >   -   -   -   -   x   x   x   .   .   .  posts.moderate
DELETE {a}members/<int:number>/mute/                        >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {a}record/                                           >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}record/<uuid:measure_key>/appeal/                 >   -   -   -   -   -   -   -   -   -   -  asked
GET   {a}appeals/                                          >   -   -   -   -   x   x   x   .   .   .  posts.moderate
POST  {a}appeals/<uuid:appeal_key>/decide/                 >   -   -   -   -   x   x   x   .   .   .  posts.moderate
GET   {a}talk-rules/                                       >   -   -   -   -   x   x   x   x   .   .  settings.change
PATCH {a}talk-rules/                                       >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {a}circles/<str:circle_slug>/hosts/                  >   -   -   -   -   x   x   x   .   .   .  circles.manage
DELETE {a}circles/<str:circle_slug>/hosts/<int:number>/     >   -   -   -   -   x   x   x   .   .   .  circles.manage
DELETE {a}circles/<str:circle_slug>/members/<int:number>/   >   -   -   -   -   x   x   x   .   .   .  circles.manage
GET   {a}circle-requests/                                  >   -   -   -   -   x   .   x   .   .   .  circles.admit
GET   {a}circle-requests/<uuid:request_key>/               >   -   -   -   -   x   .   x   .   .   .  circles.admit
POST  {a}circle-requests/<uuid:request_key>/decide/        >   -   -   -   -   x   .   x   .   .   .  circles.admit
GET   {a}join-questions/                                   >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {a}join-questions/                                   >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {a}join-questions/<int:question_id>/                 >   -   -   -   -   x   x   x   x   .   .  settings.change
PATCH {a}join-questions/<int:question_id>/                 >   -   -   -   -   x   x   x   x   .   .  settings.change
DELETE {a}join-questions/<int:question_id>/                 >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {a}decision-letters/                                 >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {a}decision-letters/<slug:decision>/<slug:language>/ >   -   -   -   -   x   x   x   x   .   .  settings.change
PATCH {a}decision-letters/<slug:decision>/<slug:language>/ >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {a}plans/                                            >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}plans/                                            >   -   -   -   -   x   x   .   x   x   .  plans.manage
GET   {a}plans/<uuid:plan_key>/                            >   -   -   -   -   -   -   .   -   .   .  asked
PATCH {a}plans/<uuid:plan_key>/                            >   -   -   -   -   x   x   .   x   x   .  plans.manage
POST  {a}plans/<uuid:plan_key>/archive/                    >   -   -   -   -   x   x   .   x   x   .  plans.manage
GET   {a}coupons/                                          >   -   -   -   -   x   x   .   x   x   .  plans.manage
POST  {a}coupons/                                          >   -   -   -   -   x   x   .   x   x   .  plans.manage
GET   {a}coupons/<uuid:coupon_key>/                        >   -   -   -   -   x   x   .   x   x   .  plans.manage
POST  {a}coupons/<uuid:coupon_key>/end/                    >   -   -   -   -   x   x   .   x   x   .  plans.manage
GET   {a}subscriptions/                                    >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}subscriptions/                                    >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}subscriptions/quote/                              >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}subscriptions/<uuid:subscription_key>/            >   -   -   -   -   -   -   .   -   .   .  asked
POST  {a}subscriptions/<uuid:subscription_key>/change-plan/ >   -   -   -   -   -   -   .   -   x   .  asked
POST  {a}subscriptions/<uuid:subscription_key>/cancel/     >   -   -   -   -   -   -   .   -   x   .  asked
POST  {a}subscriptions/<uuid:subscription_key>/resume/     >   -   -   -   -   -   -   .   -   x   .  asked
POST  {a}subscriptions/<uuid:subscription_key>/pause/      >   -   -   -   -   -   -   .   -   x   .  asked
GET   {a}subscriptions/<uuid:subscription_key>/seats/      >   -   -   -   -   -   -   .   -   .   .  asked
POST  {a}subscriptions/<uuid:subscription_key>/seats/<uuid:seat_key>/free/ >   -   -   -   -   -   -   .   -   x   .  asked
POST  {a}subscriptions/free/                               >   -   -   -   -   x   x   .   x   x   .  money.manage
GET   {a}gifts/                                            >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}gifts/                                            >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}gifts/<uuid:gift_key>/                            >   -   -   -   -   -   -   .   -   .   .  asked
GET   {a}orders/                                           >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}orders/                                           >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}orders/<uuid:order_key>/                          >   -   -   -   -   -   -   .   -   .   .  asked
POST  {a}gifts/<uuid:gift_key>/revoke/                     >   -   -   -   -   -   -   .   -   x   .  asked
GET   {a}rewards/                                          >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}invoices/                                         >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}invoices/<uuid:invoice_key>/                      >   -   -   -   -   -   -   .   -   .   .  asked
POST  {a}invoices/<uuid:invoice_key>/extend/               >   -   -   -   -   x   x   .   x   x   .  money.manage
POST  {a}invoices/<uuid:invoice_key>/forgive/              >   -   -   -   -   x   x   .   x   x   .  money.manage
POST  {a}invoices/<uuid:invoice_key>/void/                 >   -   -   -   -   x   x   .   x   x   .  money.manage
GET   {a}invoices/<uuid:invoice_key>/ways-to-pay/          >   -   -   -   -   -   -   .   -   .   .  asked
POST  {a}invoices/<uuid:invoice_key>/attempts/             >   -   -   -   -   -   -   .   -   x   .  asked
GET   {a}attempts/<uuid:attempt_key>/                      >   -   -   -   -   -   -   .   -   .   .  asked
POST  {a}attempts/<uuid:attempt_key>/refresh/              >   -   -   -   -   -   -   .   -   x   .  asked
GET   {a}credit-notes/                                     >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}payments/                                         >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}payments/                                         >   -   -   -   -   x   x   .   x   x   .  money.manage
GET   {a}payments/<uuid:payment_key>/                      >   -   -   -   -   -   -   .   -   .   .  asked
POST  {a}payments/<uuid:payment_key>/take-back/            >   -   -   -   -   x   x   .   x   x   .  money.manage
GET   {a}refunds/                                          >   -   -   -   -   .   .   .   .   .   .  members
POST  {a}refunds/                                          >   -   -   -   -   x   x   .   x   x   .  money.manage
GET   {a}refunds/<uuid:refund_key>/                        >   -   -   -   -   -   -   .   -   .   .  asked
GET   {a}disputes/                                         >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {a}disputes/<uuid:dispute_key>/                      >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {a}reconciliation/runs/                              >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {a}reconciliation/differences/                       >   -   -   -   -   x   x   .   x   .   .  money.view
POST  {a}reconciliation/differences/<uuid:difference_key>/settle/ >   -   -   -   -   x   x   .   x   x   .  money.manage
GET   {a}ledger/accounts/                                  >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {a}ledger/entries/                                   >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {a}ledger/trial-balance/                             >   -   -   -   -   x   x   .   x   .   .  money.view
GET   {a}provider-accounts/                                >   -   -   -   -   x   x   x   x   x   .  rails.manage
GET   {a}applications/                                     >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {a}applications/<uuid:application_id>/               >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}applications/<uuid:application_id>/decide/        >   -   -   -   -   x   x   x   x   .   .  members.change
"""

C, A = "c/<slug:community_slug>/", "api/v1/communities/<slug:community_slug>/"
SIGNS = {
    200: ".",
    201: ".",
    202: ".",
    204: ".",
    302: ".",
    400: ".",
    409: ".",
    422: ".",
    401: ">",
    403: "x",
    404: "-",
}


def rows(table: str) -> list[tuple[str, str, list[str], str]]:
    """(method, address, what each of `PEOPLE` gets, permission)."""
    found = []
    for line in table.format(c=C, a=A).strip().splitlines()[1:]:
        method, address, *cells, permission = line.split()
        assert len(cells) == len(PEOPLE), line
        found.append((method, address, cells, permission))
    return found


@cache
def table() -> list[tuple[str, str, list[str], str]]:
    return rows(ROOMS) + rows(OPERATIONS)


# --- the table is whole, and says what the table of permissions says --------------------------------------


def test_every_room_and_every_operation_is_in_the_table():
    listed = {address for _method, address, _cells, _permission in table()}
    figures = {address for address, _view in views(f"{A}metrics/") if not address.endswith("/verify/")}
    there = {address for prefix in (C, A) for address, _view in views(prefix)} - figures
    assert there | {f"{A}metrics/", f"{A}metrics/active_members/"} == listed
    methods = {(method.lower(), address) for method, address, _cells, _permission in table()}
    for address, view in views(A):
        shown = f"{A}metrics/active_members/" if address in figures - {f"{A}metrics/"} else address
        for method in ("get", "post", "patch", "put", "delete"):
            if operations.of(view.cls, method) is not None:
                assert (method, shown) in methods


def test_every_permission_opens_something_and_nothing_else_is_asked_for():
    named = {permission for _method, _address, _cells, permission in table()}
    assert named - {"public", "members", "asked"} == set(permissions.keys())


def test_the_table_is_the_table_of_permissions():
    """Roles get in where their permission says so: the same as `./manage.py permissions` prints."""
    for method, address, cells, permission in table():
        if permission == "asked":
            continue  # for the one member who was asked, or hosts the circle, whatever their role
        for role in Role.values:
            opened = permission in ("public", "members") or role in permissions.get(permission).roles
            assert (method, address, role, cells[PEOPLE.index(role)]) == (
                method,
                address,
                role,
                "." if opened else "x",
            )


def test_operations_ask_for_the_permission_of_the_table():
    asked = {address: view.cls for address, view in views(A)}
    for method, address, _cells, permission in rows(OPERATIONS):
        needs = operations.of(asked[address], method.lower()).needs
        behind = "members" if permission == "asked" else permission
        assert (method, address, needs or "members") == (method, address, behind)


# --- and it holds -----------------------------------------------------------------------------------------


def somebody(who: str, place) -> Client:
    client = Client()
    if who == "nobody":
        return client
    if who == "other":
        user = make.person()
        make.community(owner=user)
    elif who == "owner":
        user = place.community.founded_by
    else:
        role = who if who in Role.values else Role.MANAGER if who == "lapsed" else Role.MEMBER
        member = make.member(place.community, role=role)
        status = {"left": Status.LEFT, "removed": Status.REMOVED, "lapsed": Status.LAPSED}.get(
            who, Status.ACTIVE
        )
        Membership.objects.filter(pk=member.pk).update(status=status)
        user = member.user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(autouse=True)
def _nothing_is_drawn(monkeypatch):
    """Whether one is let in is decided before a page is drawn, which is most of the time it takes."""
    monkeypatch.setattr("django.template.base.Template.render", lambda template, context: SafeString(""))
    # Everybody has just proven who they are: the second question is another test's.
    monkeypatch.setattr("members.doors.recently_proven", lambda request: True)


@pytest.fixture(scope="module")
def place(django_db_setup, django_db_blocker):
    with once.made(django_db_blocker):
        found = furnished(slug="lantern")
        over(found)
        yield found


@pytest.mark.parametrize("who", sample(PEOPLE, those("nobody", "member", "manager")))
def test_it_holds(who, place, settings):
    """Every row of one person's column, the acts with bodies that mean nothing: who gets as far as that is let in."""
    settings.API_RATE_LIMITS = {"anonymous": None, "default": None, "bulk": None}
    client = somebody(who, place)
    kept = Membership.objects.count(), ApiKey.objects.filter(revoked_at=None).count()
    got, wanted = [], []
    for method, address, cells, _permission in table():
        # Each is asked for in the same state: what one act changes or deletes the next finds again.
        point = transaction.savepoint()
        answer = send(client, method, place.address(address))
        transaction.savepoint_rollback(point)
        sign = SIGNS[answer.status_code]
        if sign == "." and answer.get("Location", "").startswith("/accounts/login/"):
            sign = ">"
        for close in answer._resource_closers:  # files; closing the answer would close the connection too
            close()
        got.append(f"{method} {address} {sign}")
        wanted.append(f"{method} {address} {cells[PEOPLE.index(who)]}")
    assert got == wanted
    if who not in ("manager", "owner"):
        assert (Membership.objects.count(), ApiKey.objects.filter(revoked_at=None).count()) == kept


def over(place) -> None:
    """The import of the place has ended, and brought activities: it can be taken back."""
    from members.models import ImportRun

    ImportRun.objects.update(kind="activities", state="done", created=1, rows=1)


def send(client: Client, method: str, path: str):
    if method == "GET":
        return client.get(path)
    if path.startswith("/api/"):
        form = path.endswith(("imports/", "files/", "pictures/"))
        kind = "multipart/form-data; boundary=X" if form else "application/json"
        body = "--X--\r\n" if form else json.dumps({"nothing": "meant"})
        return getattr(client, method.lower())(path, body, content_type=kind)
    return client.post(path, {})


def test_a_private_community_shows_its_face_to_nobody_it_has_not_let_in(place):
    community_settings.update(community=place.community, at=make.EARLY, by=make.SITE, visibility="private")
    for who, signs in (("nobody", ">>"), ("other", "--"), ("left", "--"), ("lapsed", "--"), ("member", "..")):
        client = somebody(who, place)
        found = ""
        for path in ("/c/lantern/", "/c/lantern/join/"):
            answer = client.get(path)
            found += ">" if answer.get("Location", "").startswith("/accounts/") else SIGNS[answer.status_code]
        assert (who, found) == (who, signs)
