"""Owns: the tests of the guide's service, as docs/fastapi.md shows one, and what it says besides."""

import asyncio
from collections.abc import Iterator

import pytest
from doorward_fastapi.testing import override
from fastapi.testclient import TestClient
from guide.shop import Base, app, engine


@pytest.fixture(autouse=True)
def tables() -> Iterator[None]:
    async def make() -> None:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await engine.dispose()

    asyncio.run(make())
    yield
    asyncio.run(engine.dispose())


def test_orders_need_their_scope() -> None:
    with override(app) as issuer, TestClient(app) as client:
        granted = issuer.bearer("ada", scope="openid orders:read")
        assert client.get("/orders", headers=granted).status_code == 200
        assert client.get("/orders", headers=issuer.bearer("ada")).status_code == 403
        assert client.get("/orders", headers=issuer.bearer("ada", exp=0)).status_code == 401
        assert client.get("/orders").headers["www-authenticate"] == "Bearer"


def test_ada_has_a_row() -> None:
    with override(app) as issuer, TestClient(app) as client:
        issuer.people["ada"] = {"email": "ada@example.com", "email_verified": True}
        assert client.get("/me", headers=issuer.bearer("ada")).json() == "ada@example.com"
        assert client.get("/whoami", headers=issuer.bearer("ada")).json() == "ada"


def test_ada_leaves_and_does_not_come_back() -> None:
    with override(app) as issuer, TestClient(app) as client:
        headers = issuer.bearer("ada", email="ada@example.com", email_verified=True)
        assert client.get("/me", headers=headers).status_code == 200
        assert client.delete("/me", headers=headers).status_code == 200
        assert client.get("/me", headers=headers).status_code == 401
