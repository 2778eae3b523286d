"""Owns: how somebody whom the issuer vouches for becomes a row of the service's own, and which row that is."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

from ..claims import AccessToken
from ..problems import InsufficientScope, IssuerUnavailable
from . import rows
from .own import Database, run
from .rows import Person, Tables

if TYPE_CHECKING:
    from ..auth import Auth

U = TypeVar("U")

NEEDED = ("openid", "profile", "email")
"""What a client must ask for so that its people can be provisioned."""

UNPROVEN_FOR = 3.0
"""Seconds that the issuer is not asked again whether somebody has proven their address meanwhile."""


class Users(Generic[U]):
    """`Users(User)`: rows of your model, keyed by `better_auth_id`.

    `engine` is for `CurrentUser`; `current_user_with(get_db)` does without. `removed` is your table with
    `RemovedUserMixin`. With `link_by_email` a row from before, whose `better_auth_id` is NULL, becomes its owner's
    once the address is proven. Only with `unproven_email` does a newcomer get a row whose address nobody has proven,
    and so keep it from its owner. `full_name` is set when the row is made and then yours, unless `sync_full_name`.
    """

    def __init__(
        self,
        model: type[U],
        engine: Engine | AsyncEngine | None = None,
        *,
        removed: Any | None = None,
        link_by_email: bool = False,
        unproven_email: bool = False,
        sync_full_name: bool = False,
    ) -> None:
        self.tables = Tables(model, removed)
        self.engine, self.sync_full_name = engine, sync_full_name
        self.link_by_email, self.unproven_email = link_by_email, unproven_email

    async def row(self, auth: "Auth", token: AccessToken, database: Database) -> U:
        """The row of a verified token's person, of no session."""
        # RFC 9068 §5: a client that acts for itself is nobody, and must never become a row.
        if token.is_client:
            raise InsufficientScope(NEEDED)
        tables, subject = self.tables, token.subject
        row: U | None = await run(database, tables.user, lambda db: rows.find(db, tables, subject))
        if row is None:
            person = await self._person(auth, token)
            how = (self.link_by_email, self.unproven_email)
            return await run(database, tables.user, lambda db: rows.provide(db, tables, person, *how))
        name = await self._name(auth, token) if self.sync_full_name else None
        if name is not None and name != getattr(row, "full_name", None):
            return await run(database, tables.user, lambda db: rows.rename(db, tables, subject, name)) or row
        return row

    async def remove(self, db: Session | AsyncSession, better_auth_id: str, *, seconds: float = 90_000.0) -> bool:
        """Removes a row in your transaction, which you commit. For so long no token brings it back: 25 hours, an hour
        more than any token of Doorward's lives. Whether there was a row."""
        tables, until = self.tables, time.time() + seconds
        if isinstance(db, AsyncSession):
            return await db.run_sync(lambda sync: rows.remove(sync, tables, better_auth_id, until))
        return rows.remove(db, tables, better_auth_id, until)

    async def _person(self, auth: "Auth", token: AccessToken) -> Person:
        said: Mapping[str, Any] = token.claims
        # An access token carries no address unless its issuer puts it there; userinfo tells it once.
        if not isinstance(said.get("email"), str):
            said = await auth.userinfo.about(token)
            if "email" in said and said.get("email_verified") is not True:
                # Whoever proves it now comes back at once.
                said = await auth.userinfo.about(token, UNPROVEN_FOR)
        email = said.get("email")
        if not isinstance(email, str) or not email:
            raise InsufficientScope(NEEDED)
        return Person(token.subject, email, said.get("email_verified") is True, _text(said.get("name")))

    async def _name(self, auth: "Auth", token: AccessToken) -> str | None:
        if (name := _text(token.claims.get("name"))) is not None:
            return name
        try:
            return _text((await auth.userinfo.about(token)).get("name"))
        except IssuerUnavailable:
            # The row is here; its name can wait.
            return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
