"""Owns: whose row somebody gets: linked when that is safe, never another's, and none after they were removed."""

import asyncio

import httpx2
import pytest
from conftest import challenge, invalid
from doorward_fastapi import Auth
from doorward_fastapi.testing import LocalIssuer
from doorward_fastapi.users import Person, rows
from doorward_fastapi.users.own import run
from models import RemovedUser
from people import ADA, Backend, auth_for, data, every_way, on_sqlite, people, service
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

__all__ = ["data", "service"]

pytestmark = pytest.mark.anyio

CONFLICT = {"error": "account_conflict", "detail": "Another account here has this e-mail address."}
UNPROVEN = {"error": "email_not_verified", "detail": "Prove your e-mail address first."}
NO_PROOF = (False, None, "true", 1)


@pytest.mark.parametrize("linking", [False, True])
@pytest.mark.parametrize("spelled", ["ada@example.com", "Ada@Example.COM"])
async def test_an_address_that_another_persons_row_has_is_a_conflict(
    issuer: LocalIssuer, data: Backend, linking: bool, spelled: str
) -> None:
    await data.add(email=spelled, better_auth_id="somebody else")
    async with people(auth_for(issuer, data, link_by_email=linking), data) as service:
        answer = await service.get("/me", headers=issuer.bearer("ada", **ADA))
    assert (answer.status_code, answer.json()) == (409, CONFLICT)
    [row] = await data.rows()
    assert (row.better_auth_id, row.password_hash) == ("somebody else", "$argon2id$of-before")


@every_way
@pytest.mark.parametrize("spelled", ["ada@example.com", "Ada@Example.COM"])
async def test_a_row_from_before_becomes_its_owners(issuer: LocalIssuer, data: Backend, spelled: str) -> None:
    await data.add(email=spelled, full_name="From before")
    [before] = await data.rows()
    async with people(auth_for(issuer, data, link_by_email=True), data) as service:
        headers = issuer.bearer("ada", **ADA)
        answers = await asyncio.gather(*(service.get("/me", headers=headers) for _ in range(20)))
    assert {(answer.status_code, answer.json()["id"]) for answer in answers} == {(200, before.id)}
    [row] = await data.rows()
    assert (row.better_auth_id, row.email, row.full_name) == ("ada", spelled, "From before")
    # Whoever made the row had not proven the address: their password must not open it any longer.
    assert row.password_hash == "!external"


@pytest.mark.parametrize("unproven", [False, True])
@pytest.mark.parametrize(("linking", "verified"), [(False, True), *((True, no) for no in NO_PROOF)])
async def test_a_row_from_before_stays_nobodys_without_proof_or_leave(
    issuer: LocalIssuer, data: Backend, linking: bool, verified: object, unproven: bool
) -> None:
    await data.add(email="ada@example.com")
    async with people(auth_for(issuer, data, link_by_email=linking, unproven_email=unproven), data) as service:
        answer = await service.get("/me", headers=issuer.bearer("ada", **ADA | {"email_verified": verified}))
    told = (409, CONFLICT) if unproven or verified is True else (403, UNPROVEN)
    assert (answer.status_code, answer.json()) == told
    [row] = await data.rows()
    assert (row.better_auth_id, row.password_hash) == (None, "$argon2id$of-before")


async def test_two_rows_from_before_with_one_address_are_a_conflict(issuer: LocalIssuer, data: Backend) -> None:
    await data.add(email="ada@example.com")
    await data.add(email="ADA@example.com")
    async with people(auth_for(issuer, data, link_by_email=True), data) as service:
        answer = await service.get("/me", headers=issuer.bearer("ada", **ADA))
    assert (answer.status_code, answer.json()) == (409, CONFLICT)
    assert [row.better_auth_id for row in await data.rows()] == [None, None]


async def test_whoever_has_a_row_gets_no_other_by_an_address(issuer: LocalIssuer, data: Backend) -> None:
    await data.add(email="ada@example.com", better_auth_id="ada")
    await data.add(email="old@example.com")
    async with people(auth_for(issuer, data, link_by_email=True), data) as service:
        changed = ADA | {"email": "old@example.com"}
        answer = await service.get("/me", headers=issuer.bearer("ada", **changed))
    assert answer.json()["email"] == "ada@example.com"
    assert [row.better_auth_id for row in await data.rows()] == ["ada", None]


async def test_whoever_came_in_by_another_request_meanwhile_keeps_that_row(data: Backend) -> None:
    # What the second of two first requests meets once the first is done, as both had found nothing.
    await data.add(email="ada@example.com", better_auth_id="ada")
    await data.add(email="old@example.com")
    person, tables = Person("ada", "old@example.com", True, None), data.users().tables
    row = await run(data.own, data.model, lambda db: rows.provide(db, tables, person, link_by_email=True))
    assert row.email == "ada@example.com"
    assert [row.better_auth_id for row in await data.rows()] == ["ada", None]


@on_sqlite
async def test_two_people_who_swap_addresses_keep_their_rows(service: httpx2.AsyncClient, issuer: LocalIssuer) -> None:
    def of(name: str, address: str) -> dict[str, str]:
        return issuer.bearer(name, email=address, email_verified=True)

    ada = (await service.get("/me", headers=of("ada", "a@example.com"))).json()["id"]
    bob = (await service.get("/me", headers=of("bob", "b@example.com"))).json()["id"]
    assert (await service.get("/me", headers=of("ada", "b@example.com"))).json()["id"] == ada
    assert (await service.get("/me", headers=of("bob", "a@example.com"))).json()["id"] == bob


async def removed(data: Backend, auth: Auth, subject: str, **how: float) -> bool:
    async with AsyncSession(data.engine) as db:
        done = await auth.users.remove(db, subject, **how)
        await db.commit()
    return done


@every_way
async def test_a_removed_person_does_not_come_back_with_a_token_that_lives(issuer: LocalIssuer, data: Backend) -> None:
    auth = auth_for(issuer, data)
    async with people(auth, data) as service:
        headers = issuer.bearer("ada", **ADA)
        assert (await service.get("/me", headers=headers)).status_code == 200
        assert await removed(data, auth, "ada")
        for path in ("/me", "/detached", "/maybe"):
            assert challenge(await service.get(path, headers=headers)) == invalid("The account was removed.")
        assert await data.count() == 0
        # And who is nobody here is removed as well: their first request may be on its way.
        assert not await removed(data, auth, "bob")
        assert (await service.get("/me", headers=issuer.bearer("bob", email="b@example.com"))).status_code == 401


async def test_once_the_last_token_has_ended_they_are_newcomers(issuer: LocalIssuer, data: Backend) -> None:
    auth = auth_for(issuer, data)
    async with people(auth, data) as service:
        await service.get("/me", headers=issuer.bearer("ada", **ADA))
        await removed(data, auth, "ada", seconds=-1)
        assert (await service.get("/me", headers=issuer.bearer("ada", **ADA))).status_code == 200
    async with AsyncSession(data.engine) as db:
        assert list(await db.scalars(select(RemovedUser))) == []


async def test_who_is_being_removed_does_not_come_in_between(issuer: LocalIssuer, data: Backend) -> None:
    auth = auth_for(issuer, data)
    async with people(auth, data) as service:
        async with AsyncSession(data.engine) as db:
            await auth.users.remove(db, "ada")
            request = asyncio.create_task(service.get("/detached", headers=issuer.bearer("ada", **ADA)))
            # It waits for the end of the removal, as neither sees what the other has not committed.
            assert await asyncio.wait({request}, timeout=0.5) == (set(), {request})
            await db.commit()
        assert challenge(await request) == invalid("The account was removed.")
        assert await data.count() == 0


@every_way
async def test_of_fifty_requests_during_a_removal_none_leaves_a_row(issuer: LocalIssuer, data: Backend) -> None:
    auth = auth_for(issuer, data)
    async with people(auth, data) as service:
        headers = issuer.bearer("ada", **ADA)
        requests = [service.get("/me", headers=headers) for _ in range(50)]
        answers = await asyncio.gather(*requests[:25], removed(data, auth, "ada"), *requests[25:])
        assert {answer.status_code for answer in answers if not isinstance(answer, bool)} <= {200, 401}
        assert await data.count() == 0
