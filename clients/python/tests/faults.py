"""Owns: every way in which a token can be bad, one fault at a time, by the issuer's own key where that can be."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from doorward_fastapi.testing import LocalIssuer

LATER = 3600


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(value: Any) -> str:
    return b64(json.dumps(value).encode())


def now() -> int:
    return int(time.time())


def body(issuer: LocalIssuer) -> str:
    return issuer.token().split(".")[1]


def alg_none(issuer: LocalIssuer) -> str:
    return f"{part({'typ': 'at+jwt', 'alg': 'none', 'kid': issuer.kid})}.{body(issuer)}."


def hs256_by_the_public_key(issuer: LocalIssuer) -> str:
    public = issuer.private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signing = f"{part({'typ': 'at+jwt', 'alg': 'HS256', 'kid': issuer.kid})}.{body(issuer)}"
    return f"{signing}.{b64(hmac.digest(public, signing.encode(), hashlib.sha256))}"


FAULTS: dict[str, Callable[[LocalIssuer], str]] = {
    "good": lambda it: it.token(),
    "wrong aud": lambda it: it.token(aud="https://other.example"),
    "wrong iss": lambda it: it.token(iss="https://evil.example"),
    # Even one whose audience fits: an ID token is for the client, and says nothing about access.
    "ID token as access token": lambda it: it.token(headers={"typ": "JWT"}),
    "expired": lambda it: it.token(iat=now() - LATER, exp=now() - 31),
    "future iat": lambda it: it.token(iat=now() + LATER, exp=now() + 2 * LATER),
    "unknown kid": lambda it: it.token(headers={"kid": "unknown"}),
    "missing kid": lambda it: it.token(headers={"kid": None}),
    "alg none": alg_none,
    "HS256 signed with the public key": hs256_by_the_public_key,
    "opaque string": lambda it: "x" * 43,
    "garbage with two dots": lambda it: "not.a.token",
}
