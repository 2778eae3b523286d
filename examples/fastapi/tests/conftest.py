"""Owns: a running Doorward, people who signed in there for real, and the service under test in front of them."""

import base64
import hashlib
import os
import secrets
import urllib.parse
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from app.main import create_app
from app.settings import Settings
from house import House
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from visitor import Visitor

CALLBACK = "http://localhost:8125/callback"
PASSWORD = "correct horse battery staple"
ALL = "openid profile email"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    with House() as running:
        running.client = running.add_client("FastAPI example", CALLBACK, public=True)
        yield running


@dataclass
class Tokens:
    access_token: str
    id_token: str
    email: str
    name: str


def sign_in(house: House, scope: str = ALL) -> Tokens:
    """A new person signs in on the hosted pages with PKCE, as a single-page application would have them do."""
    person = Visitor(house.issuer, f"{secrets.token_hex(6)}@example.com", PASSWORD)
    name = "Ada Lovelace"
    house.add_user(person.email, name, PASSWORD)
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    client = {"client_id": house.client["client_id"], "redirect_uri": CALLBACK}
    asked = {"response_type": "code", "scope": scope, "code_challenge": challenge, "code_challenge_method": "S256"}
    back = person.authorize(f"{house.issuer}/oauth2/authorize?{urllib.parse.urlencode(client | asked)}")
    [code] = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["code"]
    grant = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
    answer = httpx2.post(f"{house.issuer}/oauth2/token", data=client | grant)
    assert answer.status_code == 200, answer.text
    return Tokens(answer.json()["access_token"], answer.json()["id_token"], person.email, name)


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
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/example.db"


@pytest.fixture(params=["sqlite", "postgres"])
async def database_url(request: pytest.FixtureRequest, sqlite_url: str) -> AsyncIterator[str]:
    """An empty database of each kind; PostgreSQL where DOORWARD_TEST_POSTGRES names a server, as `make` has it."""
    if request.param == "sqlite":
        yield sqlite_url
        return
    server = os.environ.get("DOORWARD_TEST_POSTGRES")
    if not server:
        pytest.skip("DOORWARD_TEST_POSTGRES is not set")
    server, name = server.replace("postgres://", "postgresql+asyncpg://", 1), f"example_{secrets.token_hex(6)}"
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
        yield server.rsplit("/", 1)[0] + f"/{name}"
        await connection.execute(text(f"DROP DATABASE {name}"))
    await engine.dispose()


@pytest.fixture
def settings(house: House, sqlite_url: str) -> Settings:
    return Settings(issuer=house.issuer, audience=house.issuer, database_url=sqlite_url)


@pytest.fixture
async def service(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    async with serving(settings) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
