"""Owns: what belongs to the service and what comes from Doorward: names, rows from before, rows that were removed."""

from dataclasses import replace

import pytest
from app.settings import Settings
from app.users import User
from conftest import NAME, Tokens, bearer, newcomer, serving, sign_in
from house import House
from httpx2 import AsyncClient
from sqlalchemy import select

pytestmark = pytest.mark.anyio


async def rename(service: AsyncClient, token: str, name: str) -> None:
    answer = await service.patch("/me", headers=bearer(token), json={"full_name": name})
    assert (answer.status_code, answer.json()["full_name"]) == (200, name), answer.text


async def test_a_name_that_is_kept_here_stays(service: AsyncClient, signed_in: Tokens) -> None:
    await rename(service, signed_in.access_token, "Countess of Lovelace")
    me = await service.get("/me", headers=bearer(signed_in.access_token))
    assert me.json()["full_name"] == "Countess of Lovelace"


async def test_a_name_that_is_synced_comes_back(settings: Settings, signed_in: Tokens) -> None:
    async with serving(replace(settings, sync_full_name=True)) as service:
        await rename(service, signed_in.access_token, "Countess of Lovelace")
        me = await service.get("/me", headers=bearer(signed_in.access_token))
        assert me.json()["full_name"] == NAME


@pytest.mark.parametrize("linking", [True, False])
async def test_a_row_from_before_is_its_owners_where_linking_is_on(
    settings: Settings, house: House, linking: bool
) -> None:
    person = newcomer(house)
    async with serving(replace(settings, link_by_email=linking)) as service:
        async with service.app.state.sessions() as db:
            db.add(User(email=person.email, full_name="From before", password_hash="$argon2id$…"))
            await db.commit()
        answer = await service.get("/me", headers=bearer(sign_in(house, person=person).access_token))
        async with service.app.state.sessions() as db:
            [row] = await db.scalars(select(User))
        if linking:
            assert (answer.status_code, answer.json()["id"], answer.json()["full_name"]) == (200, row.id, "From before")
        else:
            assert (answer.status_code, answer.json()["error"]) == (409, "account_conflict")
            assert row.better_auth_id is None


async def test_who_left_does_not_come_back_with_a_token_that_still_lives(house: House, service: AsyncClient) -> None:
    token = bearer(sign_in(house).access_token)
    assert (await service.get("/me", headers=token)).status_code == 200
    assert (await service.delete("/me", headers=token)).status_code == 204
    answer = await service.get("/me", headers=token)
    assert (answer.status_code, answer.json()["detail"]) == (401, "The account was removed.")
    async with service.app.state.sessions() as db:
        assert list(await db.scalars(select(User))) == []


async def test_a_front_end_on_another_origin_may_ask_and_is_told_why_not(settings: Settings) -> None:
    origin = "http://localhost:3000"
    async with serving(replace(settings, front_end_origins=(origin,))) as service:
        asked = {
            "Origin": origin,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization",
        }
        assert (await service.options("/me", headers=asked)).headers["access-control-allow-origin"] == origin
        refused = await service.get("/me", headers={"Origin": origin})
        assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, origin)
        assert refused.headers["access-control-expose-headers"] == "WWW-Authenticate"
        assert (await service.options("/me", headers=asked | {"Origin": "https://evil.example"})).status_code == 400


async def test_a_page_for_everybody_greets_by_name_but_takes_no_bad_token(
    service: AsyncClient, signed_in: Tokens
) -> None:
    assert (await service.get("/hello")).json() == "Hello, stranger"
    assert (await service.get("/hello", headers=bearer(signed_in.access_token))).json() == f"Hello, {NAME}"
    assert (await service.get("/hello", headers=bearer("opaque"))).status_code == 401
