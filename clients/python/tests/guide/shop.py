"""Owns: the service of the guide, as docs/fastapi.md shows it."""

import os
from collections.abc import AsyncIterator
from typing import Annotated

from doorward_fastapi import Auth, CurrentToken, require_scopes
from doorward_fastapi.users import BetterAuthUserMixin, RemovedUserMixin, Users, current_user_with
from fastapi import Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///shop.db"))
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class User(BetterAuthUserMixin, Base):  # id, email, full_name, password_hash, better_auth_id
    __tablename__ = "users"


class RemovedUser(RemovedUserMixin, Base):
    __tablename__ = "removed_users"


async def get_db() -> AsyncIterator[AsyncSession]:
    async with sessions() as db:
        yield db


users = Users(User, removed=RemovedUser)
auth = Auth(
    issuer=os.environ.get("DOORWARD_ISSUER", "http://localhost:8080"),
    users=users,
    logout_client_ids=os.environ.get("FRONT_END", "").split(),
)
CurrentUser = Annotated[User, Depends(current_user_with(get_db))]

app = FastAPI(lifespan=auth.lifespan)
auth.install(app, docs_client_id=os.environ.get("DOCS_CLIENT_ID", ""))


@app.get("/me")
async def me(user: CurrentUser) -> str:  # a row of your own table
    return user.email


@app.get("/whoami")
async def whoami(token: CurrentToken) -> str:  # verified claims, and no database
    return token.subject


@app.get("/orders", dependencies=[require_scopes("orders:read")])
async def orders() -> list[str]:
    return []


@app.delete("/me")
async def leave(user: CurrentUser, db: Annotated[AsyncSession, Depends(get_db)]) -> None:
    await users.remove(db, str(user.better_auth_id))
    await db.commit()
