"""Owns: what the package's tests stand on: a real Doorward, a local issuer, a service in front of either."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from databases import database_url, sqlite_url
from doorward_fastapi import Auth
from doorward_fastapi.testing import LocalIssuer
from fastapi import FastAPI
from house import House
from service import create_app
from sign_in import CALLBACK, Tokens, sign_in

__all__ = ["database_url", "sqlite_url"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    with House() as running:
        running.client = running.add_client("doorward-fastapi", CALLBACK, public=True)
        yield running


@pytest.fixture(scope="session")
def signed_in(house: House) -> Tokens:
    return sign_in(house)


@pytest.fixture
def issuer() -> LocalIssuer:
    return LocalIssuer()


class Turned:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Turned:
    return Turned()


class Way(httpx2.AsyncBaseTransport):
    """The way to an issuer, which a test can close, and on which it counts who walks."""

    def __init__(self, beyond: httpx2.AsyncBaseTransport) -> None:
        self.beyond, self.closed = beyond, False
        self.asked: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        if self.closed:
            raise httpx2.ConnectError("the way is closed", request=request)
        return await self.beyond.handle_async_request(request)

    async def aclose(self) -> None:
        await self.beyond.aclose()

    def count(self, end: str) -> int:
        return sum(request.url.path.endswith(end) for request in self.asked)


@pytest.fixture
def way(issuer: LocalIssuer) -> Way:
    return Way(issuer.transport())


@pytest.fixture
def auth(issuer: LocalIssuer, way: Way, clock: Turned) -> Auth:
    return Auth(issuer.issuer, transport=way, clock=clock)


@asynccontextmanager
async def serving(auth: Auth, app: FastAPI | None = None, **how: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """The service, started and stopped as uvicorn would; `client.app` is the application."""
    app = app or create_app(auth, **how)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://api") as client,
    ):
        client.app = app
        yield client


@pytest.fixture
async def service(auth: Auth) -> AsyncIterator[httpx2.AsyncClient]:
    async with serving(auth) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def challenge(answer: httpx2.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.headers.get("www-authenticate")


def invalid(why: str) -> tuple[int, str]:
    """What a token that is not good gets, to the letter."""
    return 401, f'Bearer error="invalid_token", error_description="{why}"'


async def status(service: httpx2.AsyncClient, token: str) -> int:
    return (await service.get("/token", headers=bearer(token))).status_code


async def statuses(service: httpx2.AsyncClient, tokens: list[str]) -> set[int]:
    return set(await asyncio.gather(*(status(service, token) for token in tokens)))
