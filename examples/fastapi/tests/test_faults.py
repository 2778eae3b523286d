"""Owns: every way in which a token can be bad, and the challenge that each gets (RFC 6750 §3.1, RFC 9068 §4)."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from conftest import Tokens, bearer
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from house import House
from httpx2 import AsyncClient

pytestmark = pytest.mark.anyio

KID = "a-key-of-the-test"
PRIVATE = ec.generate_private_key(ec.SECP256R1())


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(value: dict[str, Any]) -> str:
    return b64(json.dumps(value).encode())


@pytest.fixture
async def known(service: AsyncClient, signed_in: Tokens) -> AsyncClient:
    """The service after one good request; it trusts a key of the test too, so that faults come one at a time."""
    assert (await service.get("/me", headers=bearer(signed_in.access_token))).status_code == 200
    jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(PRIVATE.public_key())) | {"kid": KID, "alg": "ES256"}
    service.app.state.doorward.keys.published[KID] = jwt.PyJWK(jwk)
    return service


def forged(house: House, claims: dict[str, Any] | None = None, header: dict[str, Any] | None = None) -> str:
    """A token that is good but for what is given; None takes a claim or header parameter away."""
    now = int(time.time())
    whole = {
        "iss": house.issuer, "aud": house.issuer, "sub": "forged", "client_id": "forged", "jti": "forged",
        "iat": now, "exp": now + 300, "scope": "openid profile email",
    } | (claims or {})  # fmt: skip
    head = {"typ": "at+jwt", "kid": KID} | (header or {})
    whole, head = ({k: v for k, v in d.items() if v is not None} for d in (whole, head))
    signing = f"{part(head | {'alg': 'ES256'})}.{part(whole)}"
    es256 = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256)
    return f"{signing}.{b64(es256.sign(signing.encode(), PRIVATE))}"


async def refused(service: AsyncClient, token: str) -> None:
    answer = await service.get("/me", headers=bearer(token))
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token", error_description="')


async def test_a_forged_token_without_fault_passes_the_checks(known: AsyncClient, house: House) -> None:
    # The negative control of every test below: it is stopped only by Doorward's userinfo, which knows no such token.
    answer = await known.get("/me", headers=bearer(forged(house)))
    assert (answer.status_code, answer.json()["detail"]) == (401, "The token is no longer valid.")


LATER = 3600
FAULTS: dict[str, tuple[Callable[[House], dict[str, Any]], dict[str, Any]]] = {
    "expired": (lambda _: {"exp": int(time.time()) - 31}, {}),
    "issued in the future": (lambda _: {"iat": int(time.time()) + LATER, "exp": int(time.time()) + 2 * LATER}, {}),
    "for nobody": (lambda _: {"aud": None}, {}),
    "for another audience": (lambda _: {"aud": ["https://api.example.com"]}, {}),
    "from another issuer": (lambda _: {"iss": "https://evil.example"}, {}),
    "from the issuer with a slash": (lambda house: {"iss": f"{house.issuer}/"}, {}),
    "from nobody": (lambda _: {"iss": None}, {}),
    "never expiring": (lambda _: {"exp": None}, {}),
    "about nobody": (lambda _: {"sub": None}, {}),
    "of no client": (lambda _: {"client_id": None}, {}),
    "bound to a key": (lambda _: {"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}, {}),
    "a JWT of another type": (lambda _: {}, {"typ": "JWT"}),
    "a logout token": (lambda _: {}, {"typ": "logout+jwt"}),
    "without a type": (lambda _: {}, {"typ": None}),
    "of an unknown key": (lambda _: {}, {"kid": "unknown"}),
    "without a key id": (lambda _: {}, {"kid": None}),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_refuses_a_token(known: AsyncClient, house: House, fault: str) -> None:
    claims, header = FAULTS[fault]
    answer = await known.get("/me", headers=bearer(forged(house, claims(house), header)))
    assert answer.status_code == 401
    assert answer.json()["detail"] != "The token is no longer valid.", "only userinfo stopped it"
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token", error_description="')


async def test_within_the_leeway_a_token_passes_the_checks(known: AsyncClient, house: House) -> None:
    answer = await known.get("/me", headers=bearer(forged(house, {"iat": int(time.time()) + 20})))
    assert answer.json()["detail"] == "The token is no longer valid."


async def test_refuses_an_id_token(known: AsyncClient, signed_in: Tokens) -> None:
    await refused(known, signed_in.id_token)


async def test_refuses_a_changed_token(known: AsyncClient, signed_in: Tokens) -> None:
    head, body, signature = signed_in.access_token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    await refused(known, f"{head}.{part(claims | {'sub': 'someone-else'})}.{signature}")


async def test_refuses_alg_none(known: AsyncClient, signed_in: Tokens) -> None:
    head, body, _ = signed_in.access_token.split(".")
    kid = json.loads(base64.urlsafe_b64decode(head + "=="))["kid"]
    await refused(known, f"{part({'typ': 'at+jwt', 'alg': 'none', 'kid': kid})}.{body}.")


async def test_refuses_hs256_signed_with_the_public_key(known: AsyncClient, signed_in: Tokens) -> None:
    head, body, _ = signed_in.access_token.split(".")
    kid = json.loads(base64.urlsafe_b64decode(head + "=="))["kid"]
    public = known.app.state.doorward.keys.published[kid].key.public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    signing = f"{part({'typ': 'at+jwt', 'alg': 'HS256', 'kid': kid})}.{body}"
    await refused(known, f"{signing}.{b64(hmac.digest(public, signing.encode(), hashlib.sha256))}")


@pytest.mark.parametrize("token", ["opaque", "..", "a.b.c", "a.b", "e30.e30.e30", "-", "a" * 9000])
async def test_refuses_what_is_no_token(known: AsyncClient, token: str) -> None:
    await refused(known, token)


@pytest.mark.parametrize("header", [None, "", "Basic YTpi", "bearertoken"])
async def test_no_bearer_token_gets_the_bare_challenge(known: AsyncClient, header: str | None) -> None:
    answer = await known.get("/me", headers={} if header is None else {"Authorization": header})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer two words"])
async def test_a_malformed_bearer_header_is_an_invalid_request(known: AsyncClient, header: str) -> None:
    answer = await known.get("/me", headers={"Authorization": header})
    assert answer.status_code == 400
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_request"')


async def test_the_scheme_is_read_without_case(known: AsyncClient, signed_in: Tokens) -> None:
    answer = await known.get("/me", headers={"Authorization": f"bearer {signed_in.access_token}"})
    assert answer.status_code == 200
