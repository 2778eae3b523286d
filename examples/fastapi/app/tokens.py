"""Owns: whether a bearer token is one of Doorward's access tokens, meant for us, now (RFC 9068 §4)."""

from dataclasses import dataclass
from typing import Annotated, Any

import jwt
from fastapi import Depends, Request

from .problems import InvalidRequest, InvalidToken, Unauthenticated

ALGORITHMS = ["ES256", "RS256", "PS256", "EdDSA"]
"""Ours, never the token's own word: a list with HS256 in it would take a public key for a shared secret."""


@dataclass(frozen=True)
class AccessToken:
    raw: str
    claims: dict[str, Any]

    @property
    def subject(self) -> str:
        return self.claims["sub"]

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(self.claims.get("scope", "").split())


async def verified(request: Request) -> AccessToken:
    raw = _bearer(request.headers.get("Authorization"))
    settings, issuer = request.app.state.settings, request.app.state.issuer
    try:
        header = jwt.get_unverified_header(raw)
    except jwt.PyJWTError as error:
        raise InvalidToken("The token is not a JWT.") from error
    # RFC 9068 §4: this alone keeps ID tokens and logout tokens, signed by the same keys, from being access tokens.
    if str(header.get("typ", "")).lower() not in ("at+jwt", "application/at+jwt"):
        raise InvalidToken("The token is not an access token.")
    if header.get("alg") not in ALGORITHMS:
        raise InvalidToken("The token is signed in a way that is not accepted.")
    key = await issuer.key(kid) if (kid := header.get("kid")) else None
    # RFC 8725 §3.1: a key serves the one algorithm that it is published for.
    if key is None or key.algorithm_name != header["alg"]:
        raise InvalidToken("The token is not signed by a known key.")
    try:
        claims = jwt.decode(
            raw,
            key,
            algorithms=[key.algorithm_name],
            issuer=settings.issuer,
            audience=settings.audience,
            leeway=settings.leeway,
            options={"require": ["iss", "aud", "exp", "iat", "sub", "client_id", "jti"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise InvalidToken("The token has expired.") from error
    except jwt.PyJWTError as error:
        raise InvalidToken("The token is not valid here.") from error
    # RFC 9449 §7.2, RFC 8705 §3: taken from whoever bears it, a token that is bound to a key would be worth a stolen one.
    if "cnf" in claims:
        raise InvalidToken("The token is bound to a key, of which no proof is asked for here.")
    return AccessToken(raw, claims)


def _bearer(header: str | None) -> str:
    scheme, _, token = (header or "").partition(" ")
    # Another scheme is no bearer token at all, so the caller is told what would be one, and no more.
    if scheme.lower() != "bearer":
        raise Unauthenticated()
    if not token or " " in token.strip() or not token.isascii():
        raise InvalidRequest("The Authorization header must be: Bearer, one space, the token.")
    return token.strip()


CurrentToken = Annotated[AccessToken, Depends(verified)]
