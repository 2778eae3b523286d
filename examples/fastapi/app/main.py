"""Owns: the application: what is opened when it starts, and what it answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from doorward_fastapi import Auth
from doorward_fastapi.users import SignedOut, Users
from fastapi import FastAPI, Response
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from . import docs
from .settings import Settings
from .users import Base, CurrentUser, Database, OptionalUser, RemovedUser, SignedOutSession, User


class Me(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str
    full_name: str | None
    better_auth_id: str


class Renaming(BaseModel):
    full_name: str = Field(min_length=1, max_length=200)


def create_app(settings: Settings) -> FastAPI:
    engine = create_async_engine(settings.database_url)
    users = Users(
        User,
        removed=RemovedUser,
        sync_full_name=settings.sync_full_name,
        link_by_email=settings.link_by_email,
        unproven_email=settings.unproven_email,
    )
    auth = Auth(
        settings.issuer,
        settings.audience,
        users=users,
        logout_client_ids=settings.logout_client_ids,
        denied=SignedOut(SignedOutSession, engine),
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        # Doorward is not asked yet: this service starts whether or not Doorward is there.
        async with auth.lifespan(app):
            yield
        await engine.dispose()

    app = FastAPI(title="A service behind Doorward", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.front_end_origins,
        allow_methods=["GET", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["WWW-Authenticate"],
    )
    auth.install(app, docs_client_id=settings.docs_client_id, docs_scheme=settings.docs_scheme)
    docs.install(app)

    @app.get("/me")
    async def me(user: CurrentUser) -> Me:
        """Who you are, as this service's own database knows you."""
        return Me.model_validate(user)

    @app.patch("/me")
    async def rename(user: CurrentUser, db: Database, wanted: Renaming) -> Me:
        """Another name, here and nowhere else: `full_name` is this service's own, unless it is synced."""
        user.full_name = wanted.full_name
        await db.commit()
        return Me.model_validate(user)

    @app.delete("/me", status_code=204)
    async def leave(user: CurrentUser, db: Database) -> Response:
        """Your row goes, and no token that still lives brings it back."""
        await users.remove(db, str(user.better_auth_id))
        await db.commit()
        return Response(status_code=204)

    @app.get("/hello")
    async def hello(user: OptionalUser) -> str:
        """For everybody, and by name for those who signed in."""
        return f"Hello, {user.full_name or user.email}" if user else "Hello, stranger"

    return app


app = create_app(Settings.from_environment())
