"""Owns: a running Doorward, people who signed in there for real, and the service under test in front of them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from app.main import create_app
from app.settings import Settings
from databases import database_url, sqlite_url
from house import House
from sign_in import ALL, CALLBACK, NAME, PASSWORD, Tokens, newcomer, sign_in

__all__ = ["ALL", "CALLBACK", "NAME", "PASSWORD", "Tokens", "database_url", "newcomer", "sign_in", "sqlite_url"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    with House() as running:
        running.client = running.add_client("FastAPI example", CALLBACK, public=True)
        yield running


@pytest.fixture(scope="session")
def signed_in(house: House) -> Tokens:
    return sign_in(house)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """The service, started and stopped as uvicorn would; `client.app` is the application."""
    app = create_app(settings)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://api") as client,
    ):
        client.app = app
        yield client


@pytest.fixture
def settings(house: House, sqlite_url: str) -> Settings:
    return Settings(issuer=house.issuer, audience=house.issuer, database_url=sqlite_url)


@pytest.fixture
async def service(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    async with serving(settings) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
