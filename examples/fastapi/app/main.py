"""Owns: the application: what is opened when it starts, and what it answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from . import docs
from .issuer import Issuer
from .settings import Settings
from .users import Base, CurrentUser


class Me(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str
    full_name: str | None
    better_auth_id: str


def create_app(settings: Settings) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = create_async_engine(settings.database_url)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        # Doorward is not asked yet: this service starts whether or not Doorward is there.
        async with httpx2.AsyncClient(timeout=5.0, headers={"User-Agent": "doorward-fastapi-example"}) as http:
            app.state.settings = settings
            app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
            app.state.issuer = Issuer(settings.issuer, http)
            yield
        await engine.dispose()

    app = FastAPI(title="A service behind Doorward", docs_url=None, redoc_url=None, lifespan=lifespan)
    docs.install(app, settings)

    @app.get("/me", dependencies=[Depends(docs.scheme(settings))])
    async def me(user: CurrentUser) -> Me:
        """Who you are, as this service's own database knows you."""
        return Me.model_validate(user)

    return app


app = create_app(Settings.from_environment())
