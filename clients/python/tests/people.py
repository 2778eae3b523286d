"""Owns: services with users, one for each way to SQLAlchemy: async, sync, SQLModel; and whom their tests know."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import httpx2
import pytest
from conftest import Way, serving
from doorward_fastapi import Auth
from doorward_fastapi.testing import LocalIssuer
from doorward_fastapi.users import CurrentUser, OptionalUser, Users, current_user_with, optional_user_with
from fastapi import Depends, FastAPI
from models import Base, Member, RemovedUser, User
from sqlalchemy import Engine, create_engine, event, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlmodel import SQLModel


@dataclass
class Backend:
    """A service's database, as its tests look into it."""

    engine: AsyncEngine
    """For looking into it, whichever way the service itself takes."""
    own: AsyncEngine | Engine
    model: Any

    async def rows(self) -> list[Any]:
        async with AsyncSession(self.engine, expire_on_commit=False) as db:
            return list(await db.scalars(select(self.model).order_by(self.model.id)))

    async def count(self) -> int:
        async with AsyncSession(self.engine) as db:
            return await db.scalar(select(func.count()).select_from(self.model)) or 0

    async def add(self, **values: Any) -> None:
        async with AsyncSession(self.engine) as db:
            db.add(self.model(**{"password_hash": "$argon2id$of-before"} | values))
            await db.commit()

    def users(self, **how: Any) -> Users[Any]:
        return Users(self.model, self.own, removed=RemovedUser, **how)


@asynccontextmanager
async def backend(url: str, way: str) -> AsyncIterator[Backend]:
    engine = create_async_engine(url)
    if engine.dialect.name == "sqlite":
        # As in production: readers do not wait for the writer.
        event.listen(engine.sync_engine, "connect", lambda raw, _: raw.execute("PRAGMA journal_mode=WAL"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.run_sync(SQLModel.metadata.create_all)
    own: AsyncEngine | Engine = engine
    if way == "sync":
        own = create_engine(url.replace("+aiosqlite", "").replace("+asyncpg", "+psycopg"))
    try:
        yield Backend(engine, own, Member if way == "sqlmodel" else User)
    finally:
        if isinstance(own, Engine):
            own.dispose()
        await engine.dispose()


def create_app(auth: Auth, data: Backend) -> FastAPI:
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)

    async def get_async() -> AsyncIterator[AsyncSession]:
        assert isinstance(data.own, AsyncEngine)
        # As many services have it: the request is a transaction, which nobody else may end.
        async with AsyncSession(data.own) as db, db.begin():
            yield db

    def get_sync() -> Iterator[Session]:
        assert isinstance(data.own, Engine)
        with Session(data.own) as db, db.begin():
            yield db

    get_db = get_sync if isinstance(data.own, Engine) else get_async
    Attached = Annotated[Any, Depends(current_user_with(get_db))]

    def shown(user: Any) -> dict[str, Any]:
        return {name: getattr(user, name) for name in ("id", "email", "full_name", "better_auth_id")}

    @app.get("/detached")
    async def detached(user: CurrentUser) -> dict[str, Any]:
        return shown(user)

    @app.get("/me")
    async def me(user: Attached) -> dict[str, Any]:
        return shown(user)

    @app.get("/sync")
    def in_a_thread(user: Attached) -> dict[str, Any]:
        return shown(user)

    @app.patch("/me")
    async def rename(user: Attached, name: str) -> dict[str, Any]:
        user.full_name = name
        return shown(user)

    @app.get("/maybe")
    async def maybe(user: OptionalUser, attached: Annotated[Any, Depends(optional_user_with(get_db))]) -> list[Any]:
        return [user and user.id, attached and attached.id]

    return app


@asynccontextmanager
async def people(auth: Auth, data: Backend) -> AsyncIterator[httpx2.AsyncClient]:
    async with serving(auth, create_app(auth, data)) as client:
        yield client


ADA = {"email": "ada@example.com", "email_verified": True, "name": "Ada Lovelace"}


@pytest.fixture(params=["async"])
async def data(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Backend]:
    """On SQLite and on PostgreSQL; `every_way` asks for the other ways to SQLAlchemy too, `on_sqlite` for one alone."""
    async with backend(database_url, request.param) as found:
        yield found


every_way = pytest.mark.parametrize("data", ["async", "sync", "sqlmodel"], indirect=True)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where no row decides anything that two databases could see differently."""


def auth_for(issuer: LocalIssuer, data: Backend, way: Way | None = None, **how: object) -> Auth:
    return Auth(issuer.issuer, users=data.users(**how), transport=way or issuer.transport())


@pytest.fixture
async def service(issuer: LocalIssuer, data: Backend, way: Way) -> AsyncIterator[httpx2.AsyncClient]:
    async with people(auth_for(issuer, data, way), data) as client:
        yield client
