"""Owns: keys that turn while requests come in: the real Doorward, two workers of uvicorn, and nobody refused."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx2
import jwt
import pytest
from conftest import Way, bearer, serving
from doorward_fastapi import Auth
from house import House
from machine import Machine, Operator, kid
from served import served

pytestmark = pytest.mark.anyio

TURNS = 10
CALLERS = 12
REQUESTS_BY_TOKEN = 4


@pytest.fixture
def turning() -> Iterator[House]:
    """A Doorward of this test's own, whose keys are turned."""
    with House() as house:
        yield house


async def test_ten_turns_under_load_refuse_nobody(turning: House, tmp_path: Path) -> None:
    operator, machine = Operator(turning), Machine(turning, "Load")
    # What verifies tokens as PyJWT's documentation has it, at the same time: it waits 30 seconds between two fetches.
    control = jwt.PyJWKClient(f"{turning.issuer}/oauth2/jwks", headers={"User-Agent": "control"})
    answers: Counter[int] = Counter()
    by_control: Counter[bool] = Counter()
    signed_by: set[str] = set()
    over = asyncio.Event()

    def passes_control(token: str) -> bool:
        try:
            return bool(control.get_signing_key_from_jwt(token))
        except jwt.PyJWTError:
            return False

    async def caller(http: httpx2.AsyncClient, url: str) -> None:
        while not over.is_set():
            token = await machine.token(http)
            signed_by.add(kid(token))
            for _ in range(REQUESTS_BY_TOKEN):
                answers[(await http.get(f"{url}/token", headers=bearer(token))).status_code] += 1
            by_control[await asyncio.to_thread(passes_control, token)] += 1

    async def turn_keys(http: httpx2.AsyncClient) -> None:
        for turn in range(1, TURNS + 1):
            await operator.rotate(http, alg="ES256", now=True)
            # Until the load has met the new key, and for some requests more.
            target = answers.total() + CALLERS * REQUESTS_BY_TOKEN
            while len(signed_by) <= turn or answers.total() < target:
                await asyncio.sleep(0.02)
        over.set()

    with served(tmp_path, ISSUER=turning.issuer) as url:
        limits = httpx2.Limits(max_connections=4 * CALLERS)
        async with httpx2.AsyncClient(timeout=30, limits=limits) as http:
            await asyncio.wait_for(
                asyncio.gather(turn_keys(http), *(caller(http, url) for _ in range(CALLERS))), timeout=120
            )
    assert len(signed_by) == TURNS + 1
    assert set(answers) == {200}, answers
    assert answers.total() > TURNS * CALLERS * REQUESTS_BY_TOKEN
    # The negative control: the same tokens at the same time, and somebody was wrongly refused.
    assert by_control[False] > 0, by_control


async def test_a_key_that_was_published_beforehand_needs_no_fetch_when_it_signs(turning: House) -> None:
    machine = Machine(turning, "Load")
    turning.stop()
    turning.run("key", "rotate", "--alg", "ES256")
    keys = turning.run("key", "list")["keys"]
    [coming] = [key["kid"] for key in keys if key["alg"] == "ES256" and key["state"] == "next"]
    turning.start()
    way = Way(httpx2.AsyncHTTPTransport())
    async with httpx2.AsyncClient() as http, serving(Auth(turning.issuer, transport=way)) as service:
        first = await machine.token(http)
        assert kid(first) != coming
        assert (await service.get("/token", headers=bearer(first))).status_code == 200
        _a_day_passes(turning)
        way.closed = True
        second = await machine.token(http)
        assert kid(second) == coming
        for token in (first, second):
            assert (await service.get("/token", headers=bearer(token))).status_code == 200
    assert way.count("jwks") == 1


def _a_day_passes(house: House) -> None:
    """A day and a bit passes, as the database sees it."""
    house.stop()
    with sqlite3.connect(house.folder / "data/doorward.db") as db:
        rows = db.execute("SELECT kid, created_at, signs_from FROM signing_key").fetchall()
        for name, *times in rows:
            created, signs = (datetime.fromisoformat(time) - timedelta(hours=24, seconds=1) for time in times)
            db.execute(
                "UPDATE signing_key SET created_at = ?, signs_from = ? WHERE kid = ?",
                (created.isoformat(" "), signs.isoformat(" "), name),
            )
    db.close()
    house.start()


async def test_a_key_that_was_forgotten_is_refused_once_the_keys_are_fetched(turning: House) -> None:
    machine = Machine(turning, "Load")
    async with httpx2.AsyncClient() as http, serving(Auth(turning.issuer)) as service:
        stolen = await machine.token(http)
        assert (await service.get("/token", headers=bearer(stolen))).status_code == 200
        turning.stop()
        turning.run("key", "rotate", "--now", "--alg", "ES256", "--forget", kid(stolen))
        turning.start()
        # The first token of the new key makes the service fetch, and what vanished is gone.
        fresh = await machine.token(http)
        assert (await service.get("/token", headers=bearer(fresh))).status_code == 200
        assert (await service.get("/token", headers=bearer(stolen))).status_code == 401


async def test_while_doorward_is_away_known_keys_serve_and_a_cold_start_is_a_503(turning: House) -> None:
    machine = Machine(turning, "Load")
    async with httpx2.AsyncClient() as http, serving(Auth(turning.issuer)) as warm:
        token = bearer(await machine.token(http))
        assert (await warm.get("/token", headers=token)).status_code == 200
        turning.stop()
        assert (await warm.get("/token", headers=token)).status_code == 200
        assert (await warm.get("/token", headers=bearer("opaque"))).status_code == 401
        async with serving(Auth(turning.issuer)) as cold:
            answer = await cold.get("/token", headers=token)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert "www-authenticate" not in answer.headers
            turning.start()
            assert (await cold.get("/token", headers=token)).status_code == 200
