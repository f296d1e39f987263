"""Letters that are tried: subject and text, in each language."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from communities.models import Community
from engagement.selectors.trials.base import Trial
from kernel import mails
from kernel.trials import Piece
from members.models import MailTemplate

PARTS = ("subject", "body")


class Letter(Trial):
    """The subject is the key of the kind of letter."""

    def in_force(self, community: Community) -> list[Piece]:
        kept = MailTemplate.objects.filter(community_id=community.pk, kind=self.subject)
        own = {one.language: (one.subject, one.body) for one in kept}
        pieces = []
        for language, _name in settings.LANGUAGES:
            for part, text in zip(PARTS, own.get(language) or self._usual(language), strict=True):
                pieces.append(Piece(f"{language}.{part}", text))
        return pieces

    def name(self, piece: Piece) -> str:
        language, part = piece.key.split(".")
        what = _("Subject") if part == "subject" else _("Text")
        return f"{what} · {dict(settings.LANGUAGES).get(language, language)}"

    def _usual(self, language: str) -> tuple[str, str]:
        kind = mails.get(self.subject)
        with translation.override(language):
            return str(kind.subject), str(kind.body)
