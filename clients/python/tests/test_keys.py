"""Owns: when the keys are fetched, how often, by whom, and how long they serve. The clock is turned, nobody sleeps."""

import asyncio

import httpx2
import pytest
from conftest import Turned, Way, bearer, challenge, invalid, serving, status, statuses
from doorward_fastapi import Auth
from doorward_fastapi.fetch import USER_AGENT, fresh_for
from doorward_fastapi.keys import MOST_AT_ONCE, ONE_EVERY, UNKNOWN_FOR
from doorward_fastapi.testing import LocalIssuer

pytestmark = pytest.mark.anyio


async def test_fifty_first_requests_fetch_the_keys_once(
    service: httpx2.AsyncClient, issuer: LocalIssuer, way: Way
) -> None:
    assert await statuses(service, [issuer.token() for _ in range(50)]) == {200}
    assert (way.count("openid-configuration"), way.count("jwks")) == (1, 1)


async def test_fresh_keys_are_not_fetched_again(
    service: httpx2.AsyncClient, issuer: LocalIssuer, way: Way, clock: Turned
) -> None:
    await status(service, issuer.token())
    clock.turn(299)
    assert await status(service, issuer.token()) == 200
    assert way.count("jwks") == 1


async def test_keys_are_fetched_anew_in_their_time_and_nobody_waits_for_it(
    service: httpx2.AsyncClient, issuer: LocalIssuer, way: Way, clock: Turned
) -> None:
    await status(service, issuer.token())
    clock.turn(301)
    assert await statuses(service, [issuer.token() for _ in range(20)]) == {200}
    for _ in range(100):
        await asyncio.sleep(0)
    assert way.count("jwks") == 2


async def test_a_key_that_was_forgotten_serves_no_longer_once_the_keys_are_fetched(
    service: httpx2.AsyncClient, issuer: LocalIssuer, clock: Turned
) -> None:
    stolen = issuer.token()
    assert await status(service, stolen) == 200
    issuer.rotate(forget=True)
    clock.turn(361)
    assert challenge(await service.get("/token", headers=bearer(stolen))) == invalid(
        "The token is not signed by a known key."
    )


@pytest.mark.parametrize("turns", [1, 10])
async def test_a_key_that_signs_at_once_is_known_at_once(
    service: httpx2.AsyncClient, issuer: LocalIssuer, way: Way, turns: int
) -> None:
    tokens = [issuer.token()]
    assert await statuses(service, tokens) == {200}
    for _ in range(turns):
        issuer.rotate()
        tokens.append(issuer.token())
        assert await statuses(service, tokens * 10) == {200}
    # However many ask at once, each turn costs one fetch, which no cache on the way may answer.
    assert way.count("jwks") <= turns + 1
    assert way.asked[-1].headers["cache-control"] == "no-cache"


async def test_made_up_kids_cannot_make_us_hammer_the_issuer(
    service: httpx2.AsyncClient, issuer: LocalIssuer, way: Way, clock: Turned
) -> None:
    assert await status(service, issuer.token()) == 200
    made_up = [issuer.token(headers={"kid": f"made up {n}"}) for n in range(200)]
    for token in made_up:
        assert await status(service, token) == 401
    assert way.count("jwks") <= MOST_AT_ONCE + 1
    clock.turn(ONE_EVERY)
    for token in made_up:
        await status(service, token)
    assert way.count("jwks") <= MOST_AT_ONCE + 2
    assert way.count("openid-configuration") == 1
    # And whoever has a good token does not notice.
    assert await status(service, issuer.token()) == 200


async def test_one_made_up_kid_is_asked_about_once(
    service: httpx2.AsyncClient, issuer: LocalIssuer, way: Way, clock: Turned
) -> None:
    token = issuer.token(headers={"kid": "made up"})
    assert await statuses(service, [token] * 30) == {401}
    asked = way.count("jwks")
    assert asked <= 2
    assert await statuses(service, [token] * 30) == {401}
    assert way.count("jwks") == asked
    clock.turn(UNKNOWN_FOR)
    await status(service, token)
    assert way.count("jwks") == asked + 1


class Slow(httpx2.AsyncBaseTransport):
    """An issuer that has read its keys, and does not answer until it is let go on."""

    def __init__(self, issuer: LocalIssuer) -> None:
        self.beyond, self.go_on, self.asked = issuer.transport(), asyncio.Event(), asyncio.Event()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self.beyond.handle_async_request(request)
        if request.url.path.endswith("jwks"):
            self.asked.set()
            await self.go_on.wait()
        return answer


async def test_a_fetch_that_began_before_the_turn_does_not_decide(issuer: LocalIssuer) -> None:
    slow = Slow(issuer)
    async with serving(Auth(issuer.issuer, transport=slow)) as service:
        first = asyncio.create_task(status(service, issuer.token()))
        await slow.asked.wait()
        # The answer under way lacks the key that signs from now on.
        issuer.rotate()
        second = asyncio.create_task(status(service, issuer.token()))
        for _ in range(20):
            await asyncio.sleep(0)
        slow.go_on.set()
        assert (await first, await second) == (200, 200)


async def test_nor_does_one_that_is_under_way_because_it_was_time(issuer: LocalIssuer, clock: Turned) -> None:
    slow = Slow(issuer)
    slow.go_on.set()
    async with serving(Auth(issuer.issuer, transport=slow, clock=clock)) as service:
        assert await status(service, issuer.token()) == 200
        slow.go_on.clear()
        slow.asked.clear()
        clock.turn(301)
        assert await status(service, issuer.token()) == 200
        await slow.asked.wait()
        issuer.rotate()
        asked = asyncio.create_task(status(service, issuer.token()))
        for _ in range(50):
            await asyncio.sleep(0)
        slow.go_on.set()
        assert await asked == 200


async def test_who_hangs_up_does_not_take_the_fetch_along(issuer: LocalIssuer) -> None:
    slow = Slow(issuer)
    auth = Auth(issuer.issuer, transport=slow)
    leaves = asyncio.create_task(auth.verified(issuer.token()))
    await slow.asked.wait()
    stays = asyncio.create_task(auth.verified(issuer.token()))
    for _ in range(5):
        await asyncio.sleep(0)
    leaves.cancel()
    slow.go_on.set()
    assert (await stays).subject == "ada"
    with pytest.raises(asyncio.CancelledError):
        await leaves
    assert issuer.asked.count("/oauth2/jwks") == 1


async def test_the_issuer_is_asked_by_our_own_name(service: httpx2.AsyncClient, issuer: LocalIssuer, way: Way) -> None:
    await status(service, issuer.token())
    assert {request.headers["user-agent"] for request in way.asked} == {USER_AGENT}
    assert USER_AGENT.startswith("doorward-fastapi/0.")


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("public, max-age=300", 300),
        ("max-age=5", 60),
        ("max-age=86400", 3600),
        ("", 300),
        ("no-store", 60),
        ("max-age=600, no-cache", 60),
        ("s-maxage=9, Max-Age=900", 900),
        ('max-age="120"', 120),
        ("max-age=nonsense", 300),
        ("max-age=99999999999999999999", 3600),
    ],
)
def test_how_long_an_answer_is_fresh(said: str, seconds: float) -> None:
    assert fresh_for(said) == seconds


def test_the_time_that_an_answer_spent_in_caches_counts() -> None:
    assert fresh_for("max-age=300", "200") == 100


async def test_an_application_can_be_used_from_one_loop_after_another(auth: Auth, issuer: LocalIssuer) -> None:
    def one_request() -> str:
        return asyncio.run(auth.verified(issuer.token())).subject

    for _ in range(2):
        assert await asyncio.to_thread(one_request) == "ada"
