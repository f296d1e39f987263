"""How long a community keeps what is personal, and what it says about it."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from members.models import PrivacyPolicy


class PrivacyForm(forms.ModelForm):
    class Meta:
        model = PrivacyPolicy
        fields = ("after_leaving", "after_rejection", "audit_values", "letters", "contact", "words")
        labels = {
            "after_leaving": _("Erase members so many months after they left"),
            "after_rejection": _("Erase applicants so many months after they were rejected or withdrew"),
            "audit_values": _("Empty names and values in the audit log after so many months"),
            "letters": _("Remove letters from the log after so many days"),
            "contact": _("Whom to ask"),
            "words": _("In your own words"),
        }
        help_texts = {
            "after_leaving": _("Empty: they are kept without end."),
            "after_rejection": _("Empty: they are kept without end."),
            "audit_values": _("Empty: they are kept without end. That something was done always stays."),
            "letters": _(
                "What letters said is dropped as soon as they have gone; this is about to whom and when."
            ),
            "contact": _("A name, an address or both, for questions about personal data."),
            "words": _("Stands on the privacy page above what the page says by itself. Markdown."),
        }
        widgets = {"words": forms.Textarea(attrs={"rows": 8})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("after_leaving", "after_rejection", "audit_values"):
            self.fields[name].widget.attrs |= {"min": 1, "max": 240, "inputmode": "numeric"}
        self.fields["letters"].widget.attrs |= {
            "min": 1,
            "max": 3650,
            "inputmode": "numeric",
            "placeholder": settings.MAIL_KEPT_DAYS,
        }
