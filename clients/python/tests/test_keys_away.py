"""Owns: what serves while the issuer cannot be asked, or answers what cannot be believed."""

from collections.abc import AsyncIterator, Callable

import httpx2
import pytest
from conftest import Turned, Way, bearer, serving, status, statuses
from doorward_fastapi import Auth
from doorward_fastapi.testing import LocalIssuer

pytestmark = pytest.mark.anyio

HOUR = 3600.0


async def test_known_keys_serve_for_a_day_while_the_issuer_is_away(
    service: httpx2.AsyncClient, issuer: LocalIssuer, way: Way, clock: Turned
) -> None:
    assert await status(service, issuer.token()) == 200
    way.closed = True
    for _ in range(23):
        clock.turn(HOUR)
        assert await status(service, issuer.token()) == 200
    asked = len(way.asked)
    assert await statuses(service, [issuer.token() for _ in range(50)]) == {200}
    assert len(way.asked) == asked, "an issuer that is away is not asked at every request"
    clock.turn(HOUR)
    answer = await service.get("/token", headers=bearer(issuer.token()))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    way.closed = False
    assert await status(service, issuer.token()) == 200


async def test_a_key_that_cannot_be_asked_about_is_the_callers_fault_once_there_are_keys(
    service: httpx2.AsyncClient, issuer: LocalIssuer, way: Way
) -> None:
    assert await status(service, issuer.token()) == 200
    way.closed = True
    asked = len(way.asked)
    assert await statuses(service, [issuer.token(headers={"kid": f"made up {n}"}) for n in range(20)]) == {401}
    assert len(way.asked) == asked + 2, "once, and once more, and not for each of them"


async def test_a_connection_that_was_closed_meanwhile_is_not_an_issuer_that_is_away(
    service: httpx2.AsyncClient, issuer: LocalIssuer, way: Way
) -> None:
    assert await status(service, issuer.token()) == 200
    issuer.rotate()
    usual, way.beyond = way.beyond, Dropped()
    way.beyond.then = lambda: setattr(way, "beyond", usual)
    assert await status(service, issuer.token()) == 200


class Dropped(httpx2.AsyncBaseTransport):
    """A connection that ends as it is used."""

    then: Callable[[], None]

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.then()
        raise httpx2.RemoteProtocolError("Server disconnected without sending a response.", request=request)


async def test_a_cold_start_without_the_issuer_is_a_503_and_ends_at_once(
    service: httpx2.AsyncClient, issuer: LocalIssuer, way: Way
) -> None:
    way.closed = True
    answer = await service.get("/token", headers=bearer(issuer.token()))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["error"] == "temporarily_unavailable"
    assert "www-authenticate" not in answer.headers
    way.closed = False
    assert await status(service, issuer.token()) == 200


@pytest.fixture
async def answering(issuer: LocalIssuer) -> AsyncIterator[dict[str, httpx2.Response]]:
    """Answers to be given in the issuer's place, by the end of their path."""
    answers: dict[str, httpx2.Response] = {}
    usual = issuer._answer

    def answer(request: httpx2.Request) -> httpx2.Response:
        for end, unusual in answers.items():
            if request.url.path.endswith(end):
                return unusual
        return usual(request)

    issuer._answer = answer  # type: ignore[method-assign]
    yield answers


async def test_a_redirect_is_not_followed_even_to_keys(issuer: LocalIssuer) -> None:
    usual = issuer._answer

    def answer(request: httpx2.Request) -> httpx2.Response:
        moved = httpx2.Response(302, headers={"Location": "https://issuer.test/moved/oauth2/jwks"})
        return moved if request.url.path == "/oauth2/jwks" else usual(request)

    async with serving(Auth(issuer.issuer, transport=httpx2.MockTransport(answer))) as service:
        assert await status(service, issuer.token()) == 503
    assert "/moved/oauth2/jwks" not in issuer.asked


UNUSABLE = {
    "an error": httpx2.Response(500),
    "a page": httpx2.Response(200, html="<h1>Welcome to the café's network</h1>"),
    "a list": httpx2.Response(200, json=[]),
    "no keys": httpx2.Response(200, json={"keys": []}),
    "a word for keys": httpx2.Response(200, json={"keys": "none"}),
    "too much": httpx2.Response(200, content=b" " * (1 << 20) + b'{"keys":[]}'),
    "depth": httpx2.Response(200, content=b"[" * 100_000),
}


@pytest.mark.parametrize("unusable", UNUSABLE)
async def test_what_is_no_key_set_never_replaces_one(
    answering: dict[str, httpx2.Response], issuer: LocalIssuer, clock: Turned, unusable: str
) -> None:
    async with serving(Auth(issuer.issuer, transport=issuer.transport(), clock=clock)) as service:
        answering["jwks"] = UNUSABLE[unusable]
        assert await status(service, issuer.token()) == 503
        del answering["jwks"]
        assert await status(service, issuer.token()) == 200
        answering["jwks"] = UNUSABLE[unusable]
        clock.turn(HOUR)
        assert await status(service, issuer.token()) == 200


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://evil.example"},
        {"issuer": "https://issuer.test/"},
        {"jwks_uri": None},
        {"jwks_uri": "http://issuer.test/oauth2/jwks"},
        {"jwks_uri": "file:///etc/passwd"},
    ],
)
async def test_a_document_that_cannot_be_trusted_is_not_believed(
    answering: dict[str, httpx2.Response], issuer: LocalIssuer, said: dict[str, object]
) -> None:
    answering["openid-configuration"] = httpx2.Response(200, json=issuer.discovery() | said)
    async with serving(Auth(issuer.issuer, transport=issuer.transport())) as service:
        assert await status(service, issuer.token()) == 503
