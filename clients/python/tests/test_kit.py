"""Owns: the test kit, used as a service's own tests would: without a network, and with all of the checks."""

import asyncio

import httpx2
import pytest
from conftest import bearer, serving
from doorward_fastapi import Auth
from doorward_fastapi.testing import override
from fastapi.testclient import TestClient
from service import create_app

NOWHERE = "https://id.example.invalid"


def test_tokens_are_minted_without_a_network() -> None:
    app = create_app(Auth(NOWHERE, "https://api.example.com"))
    with override(app) as issuer, TestClient(app) as client:
        answer = client.get("/token", headers=issuer.bearer("ada", scope="orders:read"))
        assert answer.json() == {"sub": "ada", "client_id": "test-client", "scopes": ["orders:read"]}
        assert client.get("/token", headers=issuer.bearer(exp=0)).status_code == 401
        assert client.get("/token", headers=issuer.bearer(aud="https://other.example")).status_code == 401
        assert client.get("/token").headers["www-authenticate"] == "Bearer"


def test_without_a_lifespan_it_works_too() -> None:
    app = create_app(Auth(NOWHERE))
    with override(app) as issuer:
        client = TestClient(app)
        # Each of these runs in a loop of its own.
        for _ in range(3):
            assert client.get("/token", headers=issuer.bearer()).status_code == 200


def test_afterwards_nothing_of_it_is_trusted() -> None:
    async def away(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("nobody there", request=request)

    app = create_app(Auth(NOWHERE, transport=httpx2.MockTransport(away)))
    with override(app) as issuer:
        token = issuer.token()
        assert TestClient(app).get("/token", headers=bearer(token)).status_code == 200
    assert TestClient(app).get("/token", headers=bearer(token)).status_code == 503


@pytest.mark.parametrize("alg", ["ES256", "RS256", "PS256", "EdDSA"])
def test_each_algorithm_of_doorwards_can_be_had(alg: str) -> None:
    app = create_app(Auth(NOWHERE))
    with override(app, alg=alg) as issuer:
        assert TestClient(app).get("/token", headers=issuer.bearer()).status_code == 200


def test_another_algorithm_cannot() -> None:
    with pytest.raises(ValueError, match="HS256"), override(create_app(Auth(NOWHERE)), alg="HS256"):
        pass


def test_a_key_can_be_turned_and_forgotten() -> None:
    app = create_app(Auth(NOWHERE))
    with override(app) as issuer:
        client = TestClient(app)
        old = issuer.token()
        issuer.rotate(forget=True)
        assert client.get("/token", headers=issuer.bearer()).status_code == 200
        assert client.get("/token", headers=bearer(old)).status_code == 401


def test_inside_of_an_async_test_it_works_as_well() -> None:
    async def test() -> int:
        auth = Auth(NOWHERE)
        app = create_app(auth)
        with override(app) as issuer:
            async with serving(auth, app) as service:
                return (await service.get("/token", headers=issuer.bearer())).status_code

    assert asyncio.run(test()) == 200
