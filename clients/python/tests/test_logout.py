"""Owns: sign-outs that are told: by the real Doorward within two seconds to every worker, and by nobody else."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from conftest import Way, bearer, challenge, invalid, serving
from doorward_fastapi import Auth, DenyList, InMemory
from doorward_fastapi.backchannel import EVENT
from doorward_fastapi.testing import CLIENT, LocalIssuer
from doorward_fastapi.users import SignedOut
from house import House, free_port
from models import Base, SignedOutSession
from served import served
from sign_in import ALL, CALLBACK, PASSWORD, Tokens, sign_in
from sqlalchemy.ext.asyncio import create_async_engine
from visitor import Visitor

pytestmark = pytest.mark.anyio

WITHIN = 2.0
ENDED = invalid("The session has ended.")


@dataclass
class Told:
    """A Doorward that tells a service with two workers, and the client whose sign-outs it tells."""

    house: House
    client: dict
    url: str

    def signed_in(self, scope: str = ALL, **how: Any) -> Tokens:
        return sign_in(self.house, scope, client=self.client, **how)

    def asked(self, token: str) -> list[httpx2.Response]:
        """Answers to requests on new connections, which reach both workers."""
        return [httpx2.get(f"{self.url}/token", headers=bearer(token)) for _ in range(8)]

    def is_good(self, token: str) -> bool:
        return all(answer.status_code == 200 for answer in self.asked(token))

    def is_refused_in_time(self, token: str, within: float = WITHIN) -> bool:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if all(challenge(answer) == ENDED for answer in self.asked(token)):
                return True
            time.sleep(0.05)
        return False

    def refreshed(self, tokens: Tokens) -> httpx2.Response:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": tokens.refresh_token,
            "client_id": self.client["client_id"],
        }
        return httpx2.post(f"{self.house.issuer}/oauth2/token", data=form)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    port = free_port()
    service = f"http://127.0.0.1:{port}"
    house = House()
    house.environment["DOORWARD__FETCH__PRIVATE_ORIGINS"] = f'["{service}"]'
    with house:
        where = ["--redirect", CALLBACK, "--backchannel-logout-uri", f"{service}/backchannel-logout"]
        client = house.run("client", "add", "Front end", "--public", *where)
        folder = tmp_path_factory.mktemp("told")
        with served(folder, port, ISSUER=house.issuer, LOGOUT_CLIENT_ID=client["client_id"]) as url:
            yield Told(house, client, url)


async def test_who_signs_out_is_refused_by_every_worker_within_two_seconds(told: Told) -> None:
    ada, bob = told.signed_in(), told.signed_in()
    assert told.is_good(ada.access_token) and told.is_good(bob.access_token)
    out = ada.visitor.get(f"{told.house.issuer}/oauth2/logout?id_token_hint={ada.id_token}")
    assert not isinstance(out, str) and out.status == 200
    assert told.is_refused_in_time(ada.access_token)
    assert told.is_good(bob.access_token)
    # A new session of the same person is another one.
    again = told.signed_in(person=Visitor(told.house.issuer, ada.email, PASSWORD))
    assert told.is_good(again.access_token)
    assert not told.is_good(ada.access_token)


async def test_who_is_disabled_by_an_operator_is_refused_as_soon_as_the_server_sees_it(told: Told) -> None:
    ada = told.signed_in()
    assert told.is_good(ada.access_token)
    told.house.run("user", "disable", ada.email)
    # Another process ended the session; the server looks for what others did once a second.
    assert told.is_refused_in_time(ada.access_token, WITHIN + 1)


async def test_access_that_was_granted_beyond_the_session_goes_on(told: Told) -> None:
    ada = told.signed_in(f"{ALL} offline_access")
    assert ada.refresh_token
    ada.visitor.get(f"{told.house.issuer}/oauth2/logout?id_token_hint={ada.id_token}")
    assert told.is_refused_in_time(ada.access_token)
    # Tokens have whole seconds: one of a later second was issued after the sign-out.
    await asyncio.sleep(1.1)
    fresh = told.refreshed(ada)
    assert fresh.status_code == 200, fresh.text
    assert told.is_good(fresh.json()["access_token"])


@pytest.fixture(params=["memory", "table"])
async def denied(request: pytest.FixtureRequest, sqlite_url: str) -> AsyncIterator[DenyList]:
    if request.param == "memory":
        yield InMemory()
        return
    engine = create_async_engine(sqlite_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield SignedOut(SignedOutSession, engine)
    await engine.dispose()


@pytest.fixture
async def listening(issuer: LocalIssuer, denied: DenyList, way: Way) -> AsyncIterator[httpx2.AsyncClient]:
    """A service that is told by the local issuer, whose tokens can be made as bad as can be."""
    auth = Auth(issuer.issuer, logout_client_ids=CLIENT, denied=denied, transport=way)
    async with serving(auth) as client:
        yield client


async def tell(service: httpx2.AsyncClient, token: str) -> httpx2.Response:
    answer = await service.post("/backchannel-logout", data={"logout_token": token})
    assert answer.headers["cache-control"] == "no-store"
    return answer


async def is_good(service: httpx2.AsyncClient, token: str) -> bool:
    answer = await service.get("/token", headers=bearer(token))
    assert answer.status_code == 200 or challenge(answer) == ENDED
    return answer.status_code == 200


async def test_a_session_that_is_named_ends_and_no_other(listening: httpx2.AsyncClient, issuer: LocalIssuer) -> None:
    here, elsewhere = issuer.token("ada", sid="here"), issuer.token("ada", sid="elsewhere")
    assert (await tell(listening, issuer.logout_token(sid="here", sub="ada"))).status_code == 200
    assert (await is_good(listening, here), await is_good(listening, elsewhere)) == (False, True)


async def test_where_only_a_person_is_named_all_their_sessions_end(
    listening: httpx2.AsyncClient, issuer: LocalIssuer
) -> None:
    tokens = [issuer.token("ada", sid=sid) for sid in ("here", "elsewhere", None)]
    bobs = issuer.token("bob")
    assert (await tell(listening, issuer.logout_token(sub="ada"))).status_code == 200
    assert [await is_good(listening, token) for token in tokens] == [False, False, False]
    assert await is_good(listening, bobs)
    # What is issued later is of a later sign-in.
    assert await is_good(listening, issuer.token("ada", iat=int(time.time()) + 1))


async def test_a_later_sign_out_is_not_undone_by_one_that_comes_late(
    listening: httpx2.AsyncClient, issuer: LocalIssuer
) -> None:
    now = int(time.time())
    between = issuer.token("ada", iat=now - 50)
    assert (await tell(listening, issuer.logout_token(sub="ada", iat=now))).status_code == 200
    assert (await tell(listening, issuer.logout_token(sub="ada", iat=now - 100))).status_code == 200
    assert not await is_good(listening, between)


NOW = int(time.time())
FAULTS: dict[str, Callable[[LocalIssuer], str]] = {
    "for another client": lambda it: it.logout_token(sid="s", client_id="somebody else"),
    "from another issuer": lambda it: it.logout_token(sid="s", iss="https://evil.example"),
    "of no type": lambda it: it.logout_token(sid="s", headers={"typ": None}),
    "an ID token": lambda it: it.logout_token(sid="s", headers={"typ": "JWT"}),
    "an access token": lambda it: it.token(sid="s", aud=CLIENT),
    "with a nonce": lambda it: it.logout_token(sid="s", nonce="n"),
    "without an event": lambda it: it.logout_token(sid="s", events=None),
    "with another event": lambda it: it.logout_token(sid="s", events={"https://example.com/event": {}}),
    "with a list of events": lambda it: it.logout_token(sid="s", events=[EVENT]),
    "with an event that is a word": lambda it: it.logout_token(sid="s", events={EVENT: "yes"}),
    "without sid and sub": lambda it: it.logout_token(),
    "without a name": lambda it: it.logout_token(sid="s", jti=None),
    "without a time": lambda it: it.logout_token(sid="s", iat=None),
    "without an end": lambda it: it.logout_token(sid="s", exp=None),
    "expired": lambda it: it.logout_token(sid="s", iat=NOW - 300, exp=NOW - 180),
    "from the future": lambda it: it.logout_token(sid="s", iat=NOW + 3600, exp=NOW + 3720),
    "as old as can be": lambda it: it.logout_token(sid="s", iat=NOW - 86_400, exp=NOW + 86_400),
    "by an unknown key": lambda it: it.logout_token(sid="s", headers={"kid": "unknown"}),
    "by a stranger": lambda it: LocalIssuer().logout_token(sid="s"),
    "no token": lambda it: "opaque",
    "nothing": lambda it: "",
    "sid a list": lambda it: it.logout_token(sid=["s"]),
    "sub a number": lambda it: it.logout_token(sub=7),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("denied", ["memory"], indirect=True)
async def test_a_logout_token_that_is_not_good_ends_nothing(
    listening: httpx2.AsyncClient, issuer: LocalIssuer, fault: str
) -> None:
    token = issuer.token("ada", sid="s")
    answer = await tell(listening, FAULTS[fault](issuer))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), answer.text
    assert await is_good(listening, token)


async def test_a_logout_token_is_good_once(listening: httpx2.AsyncClient, issuer: LocalIssuer) -> None:
    token = issuer.logout_token(sid="s")
    answers = await asyncio.gather(*(tell(listening, token) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 9


@pytest.mark.parametrize("denied", ["memory"], indirect=True)
async def test_what_cannot_be_checked_for_now_is_asked_for_again(
    listening: httpx2.AsyncClient, issuer: LocalIssuer, way: Way
) -> None:
    # Doorward does not repeat what is answered 400, and tries again what is not.
    way.closed = True
    answer = await tell(listening, issuer.logout_token(sid="s"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    way.closed = False
    access = issuer.token("ada", sid="s")
    assert await is_good(listening, access)
    way.closed = True
    issuer.rotate()
    token = issuer.logout_token(sid="s")
    assert (await tell(listening, token)).status_code == 503
    assert await is_good(listening, access)


@pytest.mark.parametrize("denied", ["memory"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"logout_token":"x"}'),
        ("application/x-www-form-urlencoded", b""),
        ("application/x-www-form-urlencoded", b"logout_token=a&logout_token=b"),
        ("application/x-www-form-urlencoded", b"logout_token=" + b"a" * 100_000),
        ("application/x-www-form-urlencoded", b"\xff\xfe"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(50))),
        ("", b"logout_token=x"),
    ],
)
async def test_a_body_that_is_no_such_form_is_refused(listening: httpx2.AsyncClient, kind: str, body: bytes) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = await listening.post("/backchannel-logout", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_service_that_nobody_tells_has_no_such_door(auth: Auth) -> None:
    async with serving(auth) as service:
        assert (await service.post("/backchannel-logout", data={"logout_token": "x"})).status_code == 404
        assert "/backchannel-logout" not in (await service.get("/openapi.json")).json()["paths"]


async def test_what_is_over_is_forgotten(tmp_path: Path) -> None:
    now = 1000.0
    denied = InMemory(lambda: now)
    await denied.deny("sid", "s", before=1000, until=1300)
    assert await denied.is_new("jti", until=1300)
    assert await denied.denies("s", "ada", issued_at=999)
    now = 1301.0
    assert not await denied.denies("s", "ada", issued_at=999)
    assert await denied.is_new("jti", until=1600)
    assert len(denied._denied) + len(denied._seen) == 1
