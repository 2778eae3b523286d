"""Owns: the tables: the five columns of a user, who was removed, and who signed out. Mixins for your own models."""

from sqlalchemy import BigInteger, Float, String, Text
from sqlalchemy.orm import Mapped, mapped_column

EXTERNAL = "!external"
"""No hash of any password: nobody signs in here with one. Not empty, so that no careless comparison succeeds."""


class BetterAuthUserMixin:
    """`id, email, full_name, password_hash, better_auth_id`. Redefine what is different, such as a UUID for `id`."""

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    full_name: Mapped[str | None] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    better_auth_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    """Doorward's `sub`. The only thing that says who somebody is; an e-mail address can change hands.
    NULL for people from before, who have not been here since."""


class RemovedUserMixin:
    """Who was removed here: a token of theirs that still lives must not bring the row back."""

    better_auth_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    until: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970 from which they would be newcomers."""


class SignedOutMixin:
    """Sign-outs that several workers share, and the names of the logout tokens that told them."""

    kind: Mapped[str] = mapped_column(String(3), primary_key=True)
    value: Mapped[str] = mapped_column(String(255), primary_key=True)
    before: Mapped[float] = mapped_column(Float(53))
    until: Mapped[float] = mapped_column(Float(53), index=True)
