"""Owns: the person of a request, as a route asks for them: a row of the service's own model."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from ..claims import AccessToken
from ..dependencies import CurrentToken, OptionalToken, auth_of
from .own import Database
from .users import Users


async def current_user(request: Request, token: CurrentToken) -> Any:
    """The row of whoever the token is about, made at first sight. It belongs to no session."""
    return await _row(request, token, _users(request).engine)


async def optional_user(request: Request, token: OptionalToken) -> Any | None:
    """The same, or None where no token was sent."""
    return None if token is None else await _row(request, token, _users(request).engine)


CurrentUser = Annotated[Any, Depends(current_user)]
OptionalUser = Annotated[Any | None, Depends(optional_user)]


def current_user_with(get_db: Callable[..., Any]) -> Callable[..., Any]:
    """`CurrentUser = Annotated[User, Depends(current_user_with(get_db))]`: the row in the session of your own
    dependency, so that what you change in it is saved, and what you touch of it is loaded."""

    async def current(request: Request, token: CurrentToken, db: Any = Depends(get_db)) -> Any:
        return await _attached(db, await _row(request, token, db))

    return current


def optional_user_with(get_db: Callable[..., Any]) -> Callable[..., Any]:
    """The same, or None where no token was sent."""

    async def optional(request: Request, token: OptionalToken, db: Any = Depends(get_db)) -> Any | None:
        return None if token is None else await _attached(db, await _row(request, token, db))

    return optional


def _users(request: Request) -> Users[Any]:
    users = auth_of(request).users
    if users is None:
        raise RuntimeError("Auth(…, users=Users(User)) says which rows people get; it has not been said")
    return users


async def _row(request: Request, token: AccessToken, database: Database | None) -> Any:
    if database is None:
        raise RuntimeError("CurrentUser needs Users(User, engine); current_user_with(get_db) needs none")
    return await _users(request).row(auth_of(request), token, database)


async def _attached(db: Any, row: Any) -> Any:
    # Without a question to the database: the row was read a moment ago.
    merged = db.merge(row, load=False)
    return await merged if isinstance(db, AsyncSession) else merged
