"""Owns: the service's own tables, and the person of a request as one of its rows."""

from collections.abc import AsyncIterator
from typing import Annotated

from doorward_fastapi.users import (
    BetterAuthUserMixin,
    RemovedUserMixin,
    SignedOutMixin,
    current_user_with,
    optional_user_with,
)
from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class User(BetterAuthUserMixin, Base):
    """`id, email, full_name, password_hash, better_auth_id`."""

    __tablename__ = "users"


class RemovedUser(RemovedUserMixin, Base):
    __tablename__ = "removed_users"


class SignedOutSession(SignedOutMixin, Base):
    __tablename__ = "signed_out_sessions"


async def database(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


Database = Annotated[AsyncSession, Depends(database)]
CurrentUser = Annotated[User, Depends(current_user_with(database))]
OptionalUser = Annotated[User | None, Depends(optional_user_with(database))]
