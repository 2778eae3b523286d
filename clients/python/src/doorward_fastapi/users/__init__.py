"""Your users, on SQLAlchemy 2, async or sync, or SQLModel. Refuses to know how a token is checked."""

from .columns import EXTERNAL, BetterAuthUserMixin, RemovedUserMixin, SignedOutMixin
from .dependencies import CurrentUser, OptionalUser, current_user, current_user_with, optional_user, optional_user_with
from .rows import Person
from .signed_out import SignedOut
from .users import Users

__all__ = [
    "EXTERNAL",
    "BetterAuthUserMixin",
    "CurrentUser",
    "OptionalUser",
    "Person",
    "RemovedUserMixin",
    "SignedOut",
    "SignedOutMixin",
    "Users",
    "current_user",
    "current_user_with",
    "optional_user",
    "optional_user_with",
]
