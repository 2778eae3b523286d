"""Owns: that nobody gets a row, and with it an address, that they have not proven; unless the service lets them."""

import httpx2
import pytest
from conftest import Turned, Way, challenge
from doorward_fastapi import Auth
from doorward_fastapi.testing import LocalIssuer
from doorward_fastapi.users import users
from people import ADA, Backend, auth_for, data, every_way, on_sqlite, people, service

__all__ = ["data", "service"]

pytestmark = pytest.mark.anyio

REFUSED = (403, 'Bearer error="email_not_verified", error_description="Prove your e-mail address first."')
BODY = {"error": "email_not_verified", "detail": "Prove your e-mail address first."}
NO_PROOF = pytest.mark.parametrize("verified", [False, None, "true", 1])


def by(issuer: LocalIssuer, source: str, name: str = "mallory", /, **said: object) -> dict[str, str]:
    """The header of somebody of whom the token, or userinfo, says that."""
    if source == "token":
        return issuer.bearer(name, **said)
    issuer.people[name] = said
    return issuer.bearer(name)


@every_way
@pytest.mark.parametrize("source", ["token", "userinfo"])
async def test_an_address_without_proof_is_not_taken_from_its_owner(
    service: httpx2.AsyncClient, issuer: LocalIssuer, data: Backend, source: str
) -> None:
    squatter = by(issuer, source, email="ceo@corp.example", email_verified=False)
    for path in ("/me", "/detached", "/sync", "/maybe"):
        answer = await service.get(path, headers=squatter)
        assert (challenge(answer), answer.json()) == (REFUSED, BODY)
    assert await data.count() == 0
    owner = by(issuer, source, "ceo", email="ceo@corp.example", email_verified=True)
    assert (await service.get("/me", headers=owner)).status_code == 200
    # Nor is a stranger told that somebody here has it.
    assert challenge(await service.get("/me", headers=squatter)) == REFUSED
    assert [row.better_auth_id for row in await data.rows()] == ["ceo"]


@NO_PROOF
@pytest.mark.parametrize("source", ["token", "userinfo"])
async def test_only_true_is_proof(
    service: httpx2.AsyncClient, issuer: LocalIssuer, data: Backend, source: str, verified: object
) -> None:
    headers = by(issuer, source, **ADA | {"email_verified": verified})
    assert challenge(await service.get("/me", headers=headers)) == REFUSED
    assert await data.count() == 0


@every_way
@NO_PROOF
async def test_a_service_may_do_without_proof(issuer: LocalIssuer, data: Backend, verified: object) -> None:
    async with people(auth_for(issuer, data, unproven_email=True), data) as service:
        headers = issuer.bearer("ada", **ADA | {"email_verified": verified})
        assert (await service.get("/me", headers=headers)).status_code == 200
    assert [row.email for row in await data.rows()] == ["ada@example.com"]


@every_way
async def test_whoever_has_a_row_keeps_it(service: httpx2.AsyncClient, issuer: LocalIssuer, data: Backend) -> None:
    await data.add(email="ada@example.com", better_auth_id="ada", full_name="Ada")
    headers = issuer.bearer("ada", email="new@example.com", email_verified=False)
    answer = await service.get("/me", headers=headers)
    assert (answer.status_code, answer.json()["email"]) == (200, "ada@example.com")
    [row] = await data.rows()
    assert (row.email, row.full_name, row.password_hash) == ("ada@example.com", "Ada", "$argon2id$of-before")


@on_sqlite
async def test_who_proves_it_comes_in_soon_and_who_does_not_is_not_asked_about_each_time(
    issuer: LocalIssuer, data: Backend, way: Way, clock: Turned
) -> None:
    auth = Auth(issuer.issuer, users=data.users(), transport=way, clock=clock)
    async with people(auth, data) as service:
        way.beyond = issuer.transport()
        headers = by(issuer, "userinfo", "ada", **ADA | {"email_verified": False})
        for _ in range(10):
            assert challenge(await service.get("/me", headers=headers)) == REFUSED
        assert way.count("userinfo") == 1
        issuer.people["ada"] = ADA
        clock.turn(users.UNPROVEN_FOR)
        assert (await service.get("/me", headers=headers)).status_code == 200
        assert way.count("userinfo") == 2
