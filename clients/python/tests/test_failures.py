"""Owns: what people report who check tokens of other servers, row by row, and that it cannot happen here."""

import asyncio
import urllib.request
from collections.abc import AsyncIterator

import httpx2
import jwt
import pytest
from conftest import Way, bearer, challenge, invalid, serving
from doorward_fastapi import Auth
from doorward_fastapi.fetch import USER_AGENT
from doorward_fastapi.testing import LocalIssuer
from house import House
from machine import Machine, Operator, kid
from people import backend, people
from sign_in import CALLBACK, Tokens

pytestmark = pytest.mark.anyio

ALL = ["RS256", "PS256", "ES256", "EdDSA"]


@pytest.fixture(scope="session")
def machine(house: House) -> Machine:
    return Machine(house, "Machine")


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient() as client:
        yield client


@pytest.fixture
async def real(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    """A service that was told the issuer and nothing else."""
    async with serving(Auth(house.issuer)) as service:
        yield service


def client_of(house: House) -> jwt.PyJWKClient:
    return jwt.PyJWKClient(f"{house.issuer}/oauth2/jwks")


def as_documented(house: House, token: str, **how: object) -> dict[str, object]:
    """PyJWT by its documentation, with no leeway."""
    how = {"algorithms": ALL, "audience": house.issuer, "issuer": house.issuer} | how
    return jwt.decode(token, client_of(house).get_signing_key_from_jwt(token), **how)


async def test_the_audience_matches_where_both_ends_were_told_the_issuer_alone(
    house: House, real: httpx2.AsyncClient, signed_in: Tokens
) -> None:
    with pytest.raises(jwt.InvalidAudienceError):
        as_documented(house, signed_in.access_token, audience=None)
    assert house.issuer in jwt.decode(signed_in.access_token, options={"verify_signature": False})["aud"]
    assert (await real.get("/token", headers=bearer(signed_in.access_token))).status_code == 200


async def test_a_verifier_of_rs256_alone_gets_rs256(
    house: House, http: httpx2.AsyncClient, real: httpx2.AsyncClient, machine: Machine
) -> None:
    usual = await machine.token(http)
    with pytest.raises(jwt.InvalidAlgorithmError, match="The specified alg value is not allowed"):
        as_documented(house, usual, algorithms=["RS256"])
    rs256 = await Machine(house, "Old verifier", "", "--access-token-alg", "RS256").token(http)
    assert as_documented(house, rs256, algorithms=["RS256"])["iss"] == house.issuer
    for token in (usual, rs256):
        assert (await real.get("/token", headers=bearer(token))).status_code == 200


async def test_there_is_one_issuer_byte_for_byte(house: House, http: httpx2.AsyncClient, signed_in: Tokens) -> None:
    said = (await http.get(f"{house.issuer}/.well-known/openid-configuration")).json()["issuer"]
    tokens = (signed_in.access_token, signed_in.id_token)
    issuers = {jwt.decode(token, options={"verify_signature": False})["iss"] for token in tokens} | {said}
    assert issuers == {house.issuer}
    assert not house.issuer.endswith("/")


async def test_a_token_always_has_its_three_segments(
    http: httpx2.AsyncClient, real: httpx2.AsyncClient, machine: Machine, signed_in: Tokens
) -> None:
    for token in (signed_in.access_token, await machine.token(http)):
        assert token.count(".") == 2
        assert jwt.get_unverified_header(token)["typ"] == "at+jwt"
    with pytest.raises(jwt.DecodeError, match="Not enough segments"):
        jwt.get_unverified_header("opaque")
    assert challenge(await real.get("/token", headers=bearer("opaque"))) == invalid("The token is not a JWT.")


async def test_a_signing_key_is_found_where_it_was_published_before_it_signed(
    house: House, http: httpx2.AsyncClient, machine: Machine
) -> None:
    published = {key["kid"] for key in (await http.get(f"{house.issuer}/oauth2/jwks")).json()["keys"]}
    house.run("key", "rotate", "--alg", "ES256")
    # The next key is published for a day; what signs meanwhile is a key that everybody has.
    assert kid(await machine.token(http)) in published
    [coming] = [key for key in house.run("key", "list")["keys"] if key["alg"] == "ES256" and key["state"] == "next"]
    assert coming["kid"] not in published


async def test_a_token_always_names_its_key(
    house: House, http: httpx2.AsyncClient, machine: Machine, signed_in: Tokens
) -> None:
    published = (await http.get(f"{house.issuer}/oauth2/jwks")).json()["keys"]
    assert all(key["kid"] and key["alg"] and key["use"] == "sig" for key in published)
    for token in (signed_in.access_token, signed_in.id_token, await machine.token(http)):
        assert kid(token)


async def test_a_token_is_never_of_the_future_even_without_leeway(
    house: House, http: httpx2.AsyncClient, machine: Machine
) -> None:
    for _ in range(20):
        claims = as_documented(house, await machine.token(http), leeway=0)
        assert "nbf" not in claims and isinstance(claims["iat"], int)


@pytest.mark.parametrize("agent", ["Python-urllib/3.12", "PyJWT", "", USER_AGENT])
async def test_keys_are_given_to_whatever_asks_for_them(house: House, agent: str) -> None:
    request = urllib.request.Request(f"{house.issuer}/oauth2/jwks", headers={"User-Agent": agent})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


async def test_keys_are_where_discovery_says_without_a_redirect(
    house: House, http: httpx2.AsyncClient, issuer: LocalIssuer, way: Way
) -> None:
    said = (await http.get(f"{house.issuer}/.well-known/openid-configuration")).json()
    assert (await http.get(said["jwks_uri"], follow_redirects=False)).status_code == 200
    assert said["jwks_uri"].startswith(house.issuer)


async def test_what_one_worker_takes_every_worker_takes(
    house: House, http: httpx2.AsyncClient, machine: Machine
) -> None:
    operator = Operator(house)
    ways = [Way(httpx2.AsyncHTTPTransport()), Way(httpx2.AsyncHTTPTransport())]
    async with (
        serving(Auth(house.issuer, transport=ways[0])) as early,
        serving(Auth(house.issuer, transport=ways[1])) as late,
    ):
        before = await machine.token(http)
        assert (await early.get("/token", headers=bearer(before))).status_code == 200
        await operator.rotate(http, alg="ES256", now=True)
        after = await machine.token(http)
        assert kid(after) != kid(before)
        for service in (early, late):
            for token in (before, after):
                assert (await service.get("/token", headers=bearer(token))).status_code == 200
    assert [way.count("jwks") for way in ways] == [2, 1]


class Hanging(httpx2.AsyncBaseTransport):
    """An issuer that takes the call and does not answer."""

    def __init__(self) -> None:
        self.taken = asyncio.Event()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.taken.set()
        await asyncio.Event().wait()
        raise AssertionError


async def test_while_keys_are_fetched_everybody_else_is_served(issuer: LocalIssuer) -> None:
    hanging = Hanging()
    async with serving(Auth(issuer.issuer, transport=hanging)) as service:
        waits = asyncio.create_task(service.get("/token", headers=issuer.bearer()))
        await asyncio.wait_for(hanging.taken.wait(), timeout=5)
        served = [service.get("/optional") for _ in range(50)]
        answers = await asyncio.wait_for(asyncio.gather(*served), timeout=5)
        assert {answer.status_code for answer in answers} == {200}
        assert not waits.done()
        waits.cancel()


async def test_swagger_ui_may_ask_the_token_endpoint_with_its_own_header(
    house: House, http: httpx2.AsyncClient
) -> None:
    origin = "http://localhost:8125"
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-requested-with",
    }
    preflight = await http.options(f"{house.issuer}/oauth2/token", headers=asked)
    assert preflight.status_code in (200, 204)
    assert preflight.headers["access-control-allow-origin"] in (origin, "*")
    assert "x-requested-with" in preflight.headers["access-control-allow-headers"].lower()
    # And what it sends along in the address is neither an error nor believed.
    answer = await http.post(
        f"{house.issuer}/oauth2/token?resource=https://api.example.com&client_secret=x",
        data={
            "grant_type": "authorization_code",
            "code": "none",
            "code_verifier": "v" * 43,
            "client_id": house.client["client_id"],
            "redirect_uri": CALLBACK,
        },
        headers={"Origin": origin, "X-Requested-With": "XMLHttpRequest"},
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), answer.text
    assert answer.headers["access-control-allow-origin"] in (origin, "*")


async def test_no_page_on_the_way_cuts_off_the_popup(house: House, http: httpx2.AsyncClient) -> None:
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    asked = {
        "response_type": "code",
        "client_id": house.client["client_id"],
        "redirect_uri": CALLBACK,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "scope": "openid",
    }
    page = await http.get(f"{house.issuer}/oauth2/authorize", params=asked, follow_redirects=True)
    assert (page.status_code, "login-form" in page.text) == (200, True)
    for step in [*page.history, page]:
        assert step.headers.get("cross-origin-opener-policy", "unsafe-none") == "unsafe-none"


async def test_an_address_that_is_not_in_the_token_comes_from_userinfo(
    house: House, signed_in: Tokens, sqlite_url: str
) -> None:
    assert "email" not in jwt.decode(signed_in.access_token, options={"verify_signature": False})
    async with backend(sqlite_url, "async") as data:
        async with people(Auth(house.issuer, users=data.users()), data) as service:
            me = (await service.get("/me", headers=bearer(signed_in.access_token))).json()
    assert (me["email"], me["full_name"]) == (signed_in.email, signed_in.name)


async def test_whoever_is_revoked_is_out_after_minutes_in_any_case(signed_in: Tokens) -> None:
    claims = jwt.decode(signed_in.access_token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] <= 15 * 60
    # And with the back channel within two seconds (test_logout.py), for which the token must name its session.
    assert claims["sid"] == jwt.decode(signed_in.id_token, options={"verify_signature": False})["sid"]
