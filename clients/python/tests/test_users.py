"""Owns: whose row somebody gets: made once, linked when that is safe, never another's, and not after it was removed."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from conftest import Way, challenge, invalid
from doorward_fastapi import Auth
from doorward_fastapi.testing import LocalIssuer
from models import RemovedUser
from people import Backend, backend, people
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

pytestmark = pytest.mark.anyio

ADA = {"email": "ada@example.com", "email_verified": True, "name": "Ada Lovelace"}


@pytest.fixture(params=["async"])
async def data(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Backend]:
    """On SQLite and on PostgreSQL; `every_way` asks for the other ways to SQLAlchemy too, `on_sqlite` for one alone."""
    async with backend(database_url, request.param) as found:
        yield found


every_way = pytest.mark.parametrize("data", ["async", "sync", "sqlmodel"], indirect=True)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where no row decides anything that two databases could see differently."""


def auth_for(issuer: LocalIssuer, data: Backend, way: Way | None = None, **how: object) -> Auth:
    return Auth(issuer.issuer, users=data.users(**how), transport=way or issuer.transport())


@pytest.fixture
async def service(issuer: LocalIssuer, data: Backend, way: Way) -> AsyncIterator[httpx2.AsyncClient]:
    async with people(auth_for(issuer, data, way), data) as client:
        yield client


@every_way
async def test_first_sight_makes_the_row(service: httpx2.AsyncClient, issuer: LocalIssuer, data: Backend) -> None:
    issuer.people["ada"] = ADA
    answer = await service.get("/me", headers=issuer.bearer("ada"))
    assert answer.status_code == 200, answer.text
    [row] = await data.rows()
    assert (row.email, row.full_name, row.better_auth_id) == ("ada@example.com", "Ada Lovelace", "ada")
    # Nobody can sign in here with a password, and no comparison with an empty string succeeds.
    assert row.password_hash == "!external"
    shown = {"id": row.id, "email": row.email, "full_name": row.full_name, "better_auth_id": "ada"}
    for path in ("/me", "/detached", "/sync"):
        assert (await service.get(path, headers=issuer.bearer("ada"))).json() == shown


@on_sqlite
async def test_what_the_token_says_is_not_asked_for(
    service: httpx2.AsyncClient, issuer: LocalIssuer, data: Backend, way: Way
) -> None:
    assert (await service.get("/me", headers=issuer.bearer("ada", **ADA))).status_code == 200
    assert (await data.count(), way.count("userinfo")) == (1, 0)


@every_way
@pytest.mark.parametrize("path", ["/me", "/detached"])
async def test_fifty_first_requests_make_one_row(
    service: httpx2.AsyncClient, issuer: LocalIssuer, data: Backend, way: Way, path: str
) -> None:
    issuer.people["ada"] = ADA
    headers = issuer.bearer("ada")
    answers = await asyncio.gather(*(service.get(path, headers=headers) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}, {answer.text for answer in answers}
    assert len({answer.text for answer in answers}) == 1
    assert (await data.count(), way.count("userinfo")) == (1, 1)


async def test_fifty_people_at_once_get_each_their_own(
    service: httpx2.AsyncClient, issuer: LocalIssuer, data: Backend
) -> None:
    names = [f"person{n}" for n in range(50)]
    asked = [service.get("/me", headers=issuer.bearer(name, email=f"{name}@example.com")) for name in names]
    answers = await asyncio.gather(*asked)
    assert [answer.json()["better_auth_id"] for answer in answers] == names
    assert await data.count() == 50


@every_way
async def test_the_row_is_in_the_services_own_session(
    service: httpx2.AsyncClient, issuer: LocalIssuer, data: Backend
) -> None:
    answer = await service.patch("/me", headers=issuer.bearer("ada", **ADA), params={"name": "Countess"})
    assert answer.status_code == 200
    [row] = await data.rows()
    assert row.full_name == "Countess"


@pytest.mark.parametrize(("synced", "name"), [(False, "Countess"), (True, "Ada King")])
async def test_the_name_is_kept_here_or_follows(issuer: LocalIssuer, data: Backend, synced: bool, name: str) -> None:
    auth = auth_for(issuer, data, sync_full_name=synced)
    async with people(auth, data) as service:
        await service.patch("/me", headers=issuer.bearer("ada", **ADA), params={"name": "Countess"})
        answer = await service.get("/me", headers=issuer.bearer("ada", **ADA | {"name": "Ada King"}))
    [row] = await data.rows()
    assert (answer.json()["full_name"], row.full_name) == (name, name)


@on_sqlite
async def test_a_name_that_cannot_be_asked_for_waits(issuer: LocalIssuer, data: Backend, way: Way) -> None:
    await data.add(email="ada@example.com", full_name="Ada", better_auth_id="ada")
    async with people(auth_for(issuer, data, way, sync_full_name=True), data) as service:
        issuer.people["ada"] = ADA
        way.beyond = issuer.transport()
        await service.get("/maybe")
        assert (await service.get("/me", headers=issuer.bearer("ada"))).json()["full_name"] == "Ada Lovelace"
        asked = way.count("userinfo")
        for _ in range(10):
            await service.get("/me", headers=issuer.bearer("ada"))
        assert way.count("userinfo") == asked, "what it says is kept for a while"
        way.closed = True
        await data.add(email="bob@example.com", full_name="Bob", better_auth_id="bob")
        assert (await service.get("/me", headers=issuer.bearer("bob"))).json()["full_name"] == "Bob"


@on_sqlite
async def test_nobody_without_a_token_is_nobody(service: httpx2.AsyncClient, issuer: LocalIssuer) -> None:
    assert (await service.get("/maybe")).json() == [None, None]
    mine = (await service.get("/me", headers=issuer.bearer("ada", **ADA))).json()["id"]
    assert (await service.get("/maybe", headers=issuer.bearer("ada", **ADA))).json() == [mine, mine]
    assert (await service.get("/maybe", headers={"Authorization": "Bearer opaque"})).status_code == 401
    assert challenge(await service.get("/me")) == (401, "Bearer")


@on_sqlite
async def test_a_token_that_is_not_good_makes_no_row(
    service: httpx2.AsyncClient, issuer: LocalIssuer, data: Backend
) -> None:
    for bad in ({"aud": "https://other.example"}, {"exp": 0}, {"headers": {"typ": "JWT"}}):
        assert (await service.get("/me", headers=issuer.bearer("ada", **ADA | bad))).status_code == 401
    assert await data.count() == 0


@on_sqlite
async def test_a_client_that_acts_for_itself_is_nobody(
    service: httpx2.AsyncClient, issuer: LocalIssuer, data: Backend, way: Way
) -> None:
    answer = await service.get("/me", headers=issuer.bearer("client:test-client", **ADA))
    assert answer.status_code == 403
    assert answer.headers["www-authenticate"].endswith('scope="openid profile email"')
    assert (await data.count(), way.count("userinfo")) == (0, 0)


@on_sqlite
async def test_a_token_that_may_know_too_little_says_what_it_needs_and_spoils_no_other(
    service: httpx2.AsyncClient, issuer: LocalIssuer, data: Backend
) -> None:
    issuer.people["ada"] = {"name": "Ada"}
    answer = await service.get("/me", headers=issuer.bearer("ada", scope="openid"))
    assert answer.status_code == 403
    assert answer.headers["www-authenticate"].endswith('scope="openid profile email"')
    issuer.people["ada"] = ADA
    assert (await service.get("/me", headers=issuer.bearer("ada"))).status_code == 200
    assert await data.count() == 1


@on_sqlite
@pytest.mark.parametrize(
    ("said", "status"),
    [
        (httpx2.Response(401), 401),
        (httpx2.Response(403), 403),
        (httpx2.Response(500), 503),
        (httpx2.Response(302, headers={"Location": "https://evil.example"}), 503),
        (httpx2.Response(200, text="not JSON"), 503),
        (httpx2.Response(200, json={"sub": "somebody else", **ADA}), 401),
        (httpx2.Response(200, json={"sub": "ada", "email": ["ada@example.com"]}), 403),
    ],
)
async def test_userinfo_that_does_not_vouch_makes_no_row(
    issuer: LocalIssuer, data: Backend, said: httpx2.Response, status: int
) -> None:
    usual = issuer._answer

    def answer(request: httpx2.Request) -> httpx2.Response:
        return said if request.url.path.endswith("userinfo") else usual(request)

    auth = Auth(issuer.issuer, users=data.users(), transport=httpx2.MockTransport(answer))
    async with people(auth, data) as service:
        assert (await service.get("/me", headers=issuer.bearer("ada"))).status_code == status
    assert await data.count() == 0


@on_sqlite
async def test_userinfo_that_is_signed_is_checked_like_a_token(issuer: LocalIssuer, data: Backend) -> None:
    usual, said = issuer._answer, {"iss": issuer.issuer, "sub": "ada", **ADA}

    def answer(request: httpx2.Request) -> httpx2.Response:
        if not request.url.path.endswith("userinfo"):
            return usual(request)
        kind = {"Content-Type": "application/jwt"}
        return httpx2.Response(200, text=issuer.sign(said, {"typ": "JWT"}), headers=kind)

    auth = Auth(issuer.issuer, users=data.users(), transport=httpx2.MockTransport(answer))
    async with people(auth, data) as service:
        said["aud"] = "somebody else's client"
        assert (await service.get("/me", headers=issuer.bearer("ada"))).status_code == 401
        said["aud"] = "test-client"
        assert (await service.get("/me", headers=issuer.bearer("ada"))).status_code == 200


CONFLICT = {"error": "account_conflict", "detail": "Another account here has this e-mail address."}


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


@pytest.mark.parametrize(
    ("linking", "verified"), [(False, True), (True, False), (True, None), (True, "true"), (True, 1)]
)
async def test_a_row_from_before_stays_nobodys_without_proof_or_leave(
    issuer: LocalIssuer, data: Backend, linking: bool, verified: object
) -> None:
    await data.add(email="ada@example.com")
    async with people(auth_for(issuer, data, link_by_email=linking), data) as service:
        answer = await service.get("/me", headers=issuer.bearer("ada", **ADA | {"email_verified": verified}))
    assert (answer.status_code, answer.json()) == (409, CONFLICT)
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


@every_way
async def test_of_fifty_requests_during_a_removal_none_leaves_a_row(issuer: LocalIssuer, data: Backend) -> None:
    auth = auth_for(issuer, data)
    async with people(auth, data) as service:
        headers = issuer.bearer("ada", **ADA)
        requests = [service.get("/me", headers=headers) for _ in range(50)]
        answers = await asyncio.gather(*requests[:25], removed(data, auth, "ada"), *requests[25:])
        assert {answer.status_code for answer in answers if not isinstance(answer, bool)} <= {200, 401}
        assert await data.count() == 0
