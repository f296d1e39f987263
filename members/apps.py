from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        from kernel import activity
        from members import (
            access,
            audit_kinds,
            imports,
            invitation_files,
            mail_kinds,
            merge_mail,
            merging_parts,
            needs,
            permissions,
            person_data,
            places,
            slots,
            timelines,
        )
        from members.selectors import found
        from members.services import word

        access.register()
        permissions.register()
        places.register()
        needs.register()
        imports.register()
        invitation_files.register()
        audit_kinds.register()
        mail_kinds.register()
        merge_mail.register()
        person_data.register()
        merging_parts.register()
        slots.register()
        timelines.register()
        found.register()
        activity.on("membership.status_changed", word.of_change)
