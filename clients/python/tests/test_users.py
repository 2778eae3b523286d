"""Owns: how somebody becomes a row: at first sight, once, by what the issuer says of them, and by nothing else."""

import asyncio

import httpx2
import pytest
from conftest import Way, challenge
from doorward_fastapi import Auth, InvalidToken
from doorward_fastapi.testing import LocalIssuer
from people import ADA, Backend, auth_for, data, every_way, on_sqlite, people, service
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

__all__ = ["data", "service"]

pytestmark = pytest.mark.anyio


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
    asked = [
        service.get("/me", headers=issuer.bearer(name, **ADA | {"email": f"{name}@example.com"})) for name in names
    ]
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


@on_sqlite
async def test_a_test_that_takes_everything_back_takes_the_row_back(issuer: LocalIssuer, data: Backend) -> None:
    # As many services are tested: one connection, one transaction, and nothing of it is kept.
    users = data.users()
    auth = Auth(issuer.issuer, users=users, transport=issuer.transport())
    async with data.engine.connect() as connection:
        outer = await connection.begin()
        async with AsyncSession(connection, join_transaction_mode="create_savepoint") as db:
            token = await auth.verified(issuer.token("ada", **ADA))
            first = await users.row(auth, token, db)
            assert (await users.row(auth, token, db)).id == first.id
            # A refusal takes back nothing of what the test has done.
            await users.remove(db, "bob")
            await db.commit()
            with pytest.raises(InvalidToken):
                await users.row(auth, await auth.verified(issuer.token("bob", email="bob@example.com")), db)
            assert await db.scalar(select(data.model.id)) == first.id
        await outer.rollback()
    assert await data.count() == 0
