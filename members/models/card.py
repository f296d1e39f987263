from django.db import models


class MemberCard(models.Model):
    """What a member's card stands on: `code` is what is signed into its address, and a new one ends the old.

    A code holds for `members.selectors.card.LASTS` from `issued_at` on.
    """

    membership = models.OneToOneField("members.Membership", models.CASCADE, related_name="card")
    code = models.CharField(max_length=32, unique=True)
    issued_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Card of {self.membership}"
