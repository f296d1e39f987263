"""What the door says on a phone, with a network or without: the page brings all of it along."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def words() -> dict[str, str]:
    """By what the script calls them; `is_...` is what became of a ticket, `line_...` how things stand."""
    return {
        "is_in": pgettext("at the door", "Welcome"),
        "is_already": _("Is here already"),
        "is_undone": pgettext("at the door", "Taken back"),
        "is_new": _("Not known here yet"),
        "is_unknown": _("Not a ticket of here"),
        "is_elsewhere": _("For another gathering"),
        "is_held": _("Not paid or taken yet"),
        "is_expired": _("Not taken in time"),
        "is_given_back": _("Given back"),
        "is_cancelled": pgettext("ticket", "Cancelled"),
        "is_not_announced": _("This gathering is not announced"),
        "is_too_early": _("The door is not open yet"),
        "is_not_member": _("Not a member any more"),
        "is_refused": _("Not let in"),
        "since": _("here since %(time)s"),
        "since_by": _("here since %(time)s, let in by %(name)s"),
        "way_in_person": pgettext("way of coming", "In person"),
        "way_online": pgettext("way of coming", "Online"),
        "kept": _("kept here, settled once there is a network"),
        "let_in": pgettext("at the door", "Let in"),
        "let_in_all_the_same": _("Let in all the same"),
        "undo": _("Take it back"),
        "next": pgettext("at the door", "Next"),
        "seen": _("I have seen it"),
        "not_on_list": _("%(number)s is not on the list"),
        "age": _("List of %(time)s, %(n)s on it"),
        "line_here": _("Connected."),
        "line_asking": _("Asking for the list …"),
        "line_away": _("No network: tickets are judged by the list kept here."),
        "line_signed_out": _("You are signed out."),
        "line_not_here": _("You do not look after this door any more."),
        "line_kept": _("%(n)s kept here, to be settled."),
        "line_others": _("%(n)s kept by somebody else: they are settled once that person signs in here."),
        "camera_refused": _("The camera is not allowed here: allow it in the browser, or type the code."),
        "no_camera": _("There is no camera to be had: type the code."),
    }
