"""Owns: the happy path: a token of a real sign-in buys GET /me, and the row behind it is the one it should be."""

import asyncio
from dataclasses import replace

import httpx2
import pytest
from app.settings import Settings
from app.users import User
from conftest import Tokens, bearer, serving, sign_in
from house import House
from httpx2 import AsyncClient
from sqlalchemy import func, select

pytestmark = pytest.mark.anyio


async def rows(service: AsyncClient) -> list[User]:
    async with service.app.state.sessions() as db:
        return list(await db.scalars(select(User)))


async def test_first_sight_makes_the_row(service: AsyncClient, signed_in: Tokens) -> None:
    answer = await service.get("/me", headers=bearer(signed_in.access_token))
    assert answer.status_code == 200, answer.text
    [row] = await rows(service)
    assert answer.json() == {
        "id": row.id,
        "email": signed_in.email,
        "full_name": signed_in.name,
        "better_auth_id": row.better_auth_id,
    }
    # Nobody can sign in here with a password, and no comparison with an empty string succeeds.
    assert row.password_hash == "!external"


async def test_the_same_person_keeps_the_row(service: AsyncClient, signed_in: Tokens) -> None:
    first = await service.get("/me", headers=bearer(signed_in.access_token))
    assert (await service.get("/me", headers=bearer(signed_in.access_token))).json() == first.json()
    assert len(await rows(service)) == 1


async def test_the_columns_are_the_five(service: AsyncClient) -> None:
    assert [c.name for c in User.__table__.columns] == ["id", "email", "full_name", "password_hash", "better_auth_id"]


async def test_fifty_first_requests_make_one_row(house: House, database_url: str, signed_in: Tokens) -> None:
    async with serving(Settings(house.issuer, house.issuer, database_url)) as service:
        asked = [service.get("/me", headers=bearer(signed_in.access_token)) for _ in range(50)]
        answers = await asyncio.gather(*asked)
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.text for answer in answers}) == 1
        async with service.app.state.sessions() as db:
            assert await db.scalar(select(func.count()).select_from(User)) == 1


async def test_an_address_that_another_row_has_is_a_conflict(service: AsyncClient, signed_in: Tokens) -> None:
    async with service.app.state.sessions() as db:
        db.add(User(email=signed_in.email, password_hash="!", better_auth_id="someone-else"))
        await db.commit()
    answer = await service.get("/me", headers=bearer(signed_in.access_token))
    assert answer.status_code == 409
    [row] = await rows(service)
    assert row.better_auth_id == "someone-else"


async def test_a_token_without_the_email_scope_is_told_what_it_needs(house: House, service: AsyncClient) -> None:
    token = sign_in(house, scope="openid").access_token
    answer = await service.get("/me", headers=bearer(token))
    assert answer.status_code == 403
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith('Bearer error="insufficient_scope"')
    assert challenge.endswith('scope="openid profile email"')
    assert await rows(service) == []


async def test_a_token_for_another_audience_is_refused(settings: Settings, signed_in: Tokens) -> None:
    async with serving(replace(settings, audience="https://api.example.com")) as service:
        answer = await service.get("/me", headers=bearer(signed_in.access_token))
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


async def test_the_document_says_how_to_sign_in(house: House, service: AsyncClient) -> None:
    document = (await service.get("/openapi.json")).json()
    flow = document["components"]["securitySchemes"]["Doorward"]["flows"]["authorizationCode"]
    found = httpx2.get(f"{house.issuer}/.well-known/openid-configuration").json()
    # The document cannot wait for discovery; this keeps the two from drifting apart.
    assert flow["authorizationUrl"] == found["authorization_endpoint"]
    assert flow["tokenUrl"] == found["token_endpoint"]
    assert document["paths"]["/me"]["get"]["security"] == [{"Doorward": []}]
