"""The one exception by which a service says no."""

from django.utils.functional import Promise


class Refused(Exception):
    """A request that was understood and refused; nothing has changed.

    `message` is written for the person who asked and is already translated (or lazy); `code` is a stable
    word for programs; `field` names the form or JSON field at fault, empty when it is the request as a whole.
    """

    def __init__(self, message: str | Promise, *, code: str = "refused", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field

    def __str__(self) -> str:
        return str(self.message)
