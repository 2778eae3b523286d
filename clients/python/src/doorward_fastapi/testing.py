"""Owns: tokens for tests without a network: a key pair, whatever is signed with it, and an issuer that publishes it.

The checks are the real ones; only the way to the issuer is another.
"""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from fastapi import FastAPI

from .auth import Auth
from .backchannel import EVENT

ISSUER = "https://issuer.test"
CLIENT = "test-client"


class LocalIssuer:
    """An issuer in this process. `people` is what its userinfo says of a `sub`, if tokens have no address."""

    def __init__(self, issuer: str = ISSUER, audience: str | None = None, *, alg: str = "ES256") -> None:
        self.issuer, self.audience = issuer, audience or issuer
        self.people: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        """The paths that were asked for, in order."""
        self._published: dict[str, dict[str, Any]] = {}
        self.rotate(alg)

    def rotate(self, alg: str = "ES256", *, forget: bool = False) -> str:
        """A new key signs from now on; the one before stays published unless it is to be forgotten."""
        if forget:
            self._published.clear()
        self.alg, self.kid, self.private_key = alg, secrets.token_urlsafe(16), _private(alg)
        public = _jwk(alg, self.private_key.public_key())
        self._published[self.kid] = {**public, "kid": self.kid, "alg": alg, "use": "sig"}
        return self.kid

    def sign(self, claims: dict[str, Any], headers: dict[str, Any]) -> str:
        """Any JWT by the key. Claims and headers that are None are left out."""
        claims, headers = _some(claims), _some({"kid": self.kid, **headers})
        return jwt.encode(claims, self.private_key, algorithm=self.alg, headers=headers)

    def token(
        self,
        sub: str = "ada",
        *,
        scope: str = "openid profile email",
        headers: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """An access token, good but for what is given: `token(exp=0)`, `token(aud=None)`, `token(email="a@b.org")`"""
        now = int(time.time())
        whole = {
            "iss": self.issuer, "aud": self.audience, "sub": sub, "client_id": CLIENT, "scope": scope,
            "iat": now, "exp": now + 300, "jti": secrets.token_urlsafe(12), "sid": f"session of {sub}",
        } | claims  # fmt: skip
        return self.sign(whole, {"typ": "at+jwt"} | (headers or {}))

    def bearer(self, sub: str = "ada", **how: Any) -> dict[str, str]:
        """The header of a request by `sub`."""
        return {"Authorization": f"Bearer {self.token(sub, **how)}"}

    def logout_token(self, *, client_id: str = CLIENT, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """What the back channel tells, good but for what is given. Name a `sid` or a `sub`."""
        now = int(time.time())
        whole = {
            "iss": self.issuer, "aud": client_id, "iat": now, "exp": now + 120,
            "jti": secrets.token_urlsafe(12), "events": {EVENT: {}},
        } | claims  # fmt: skip
        return self.sign(whole, {"typ": "logout+jwt"} | (headers or {}))

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/oauth2/authorize",
            "token_endpoint": f"{self.issuer}/oauth2/token",
            "userinfo_endpoint": f"{self.issuer}/oauth2/userinfo",
            "jwks_uri": f"{self.issuer}/oauth2/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "PS256", "EdDSA"],
        }

    def jwks(self) -> dict[str, Any]:
        return {"keys": list(self._published.values())}

    def transport(self) -> httpx2.AsyncBaseTransport:
        """What answers in the issuer's place."""
        return httpx2.MockTransport(self._answer)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url.path)
        if request.url.path.endswith("/.well-known/openid-configuration"):
            return httpx2.Response(200, json=self.discovery())
        if request.url.path.endswith("/oauth2/jwks"):
            return httpx2.Response(200, json=self.jwks(), headers={"Cache-Control": "public, max-age=300"})
        if request.url.path.endswith("/oauth2/userinfo"):
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            sub = jwt.decode(token, options={"verify_signature": False})["sub"]
            return (
                httpx2.Response(200, json={"sub": sub, **self.people[sub]})
                if sub in self.people
                else httpx2.Response(401)
            )
        return httpx2.Response(404)


@contextmanager
def override(app: FastAPI, *, alg: str = "ES256") -> Iterator[LocalIssuer]:
    """In here the application trusts a local issuer that calls itself what the real one does.

    with override(app) as issuer:
        client.get("/me", headers=issuer.bearer("ada", email="ada@example.com", email_verified=True))
    """
    auth: Auth = app.state.doorward
    issuer = LocalIssuer(auth.settings.issuer, min(auth.settings.audiences), alg=alg)
    before = auth.fetch.transport
    auth.reach(issuer.transport())
    try:
        yield issuer
    finally:
        auth.reach(before)


def _private(alg: str) -> Any:
    if alg == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    if alg in ("RS256", "PS256"):
        return rsa.generate_private_key(65537, 2048)
    if alg == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    raise ValueError(f"{alg} is not an algorithm of the issuer's")


def _jwk(alg: str, public: Any) -> dict[str, Any]:
    algorithm: Any = jwt.get_algorithm_by_name(alg)
    told: dict[str, Any] = json.loads(algorithm.to_jwk(public))
    return {name: value for name, value in told.items() if name != "key_ops"}


def _some(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
