"""Owns: whether a JWT is the issuer's, of the right kind, meant for us, now (RFC 9068 §4, RFC 8725)."""

from collections.abc import Iterable
from typing import Any

import jwt

from .claims import AccessToken
from .keys import Keys
from .problems import InvalidToken
from .settings import Settings

LONGEST = 16_384
"""Characters. A header is not longer at most servers, and what is longer costs time to look at."""

OF_ACCESS_TOKENS = frozenset({"at+jwt", "application/at+jwt"})
REQUIRED = ("iss", "aud", "exp", "iat", "sub", "client_id", "jti")


class UnknownKey(InvalidToken):
    """The key is not among those that were published when the issuer was last asked."""


class Verifier:
    def __init__(self, settings: Settings, keys: Keys) -> None:
        self.settings, self.keys = settings, keys

    async def access_token(self, raw: str) -> AccessToken:
        """The token's claims, all of them checked."""
        claims = await self.signed(raw, OF_ACCESS_TOKENS, self.settings.audiences, REQUIRED)
        # RFC 9449 §7.2, RFC 8705 §3: taken from whoever bears it, a token that is bound to a key would be worth
        # a stolen one.
        if "cnf" in claims:
            raise InvalidToken("The token is bound to a key, of which no proof is asked for here.")
        return AccessToken(raw, claims)

    async def signed(
        self, raw: str, kinds: frozenset[str] | None, audiences: Iterable[str], required: Iterable[str]
    ) -> dict[str, Any]:
        """The claims of a JWT of one of these kinds (any if None) for one of these audiences."""
        if len(raw) > LONGEST:
            raise InvalidToken("The token is too long.")
        header = _header(raw)
        # RFC 9068 §4: this alone keeps ID tokens and logout tokens, signed by the same keys, from being access tokens.
        if kinds is not None and str(header.get("typ", "")).lower() not in kinds:
            raise InvalidToken("The token is not of the type that is needed here.")
        alg, kid = header.get("alg"), header.get("kid")
        if not isinstance(alg, str) or alg not in self.settings.algorithms:
            raise InvalidToken("The token is signed in a way that is not accepted.")
        if not isinstance(kid, str) or not 0 < len(kid) <= 256:
            raise InvalidToken("The token does not name its key.")
        key = await self.keys.find(kid)
        if key is None:
            raise UnknownKey("The token is not signed by a known key.")
        # RFC 8725 §3.1: a key serves the one algorithm that it is published for.
        if key.algorithm_name != alg:
            raise InvalidToken("The token is signed in a way that is not accepted.")
        return self._decoded(raw, key, audiences, required)

    def _decoded(self, raw: str, key: jwt.PyJWK, audiences: Iterable[str], required: Iterable[str]) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                raw,
                key,
                algorithms=[key.algorithm_name],
                issuer=self.settings.issuer,
                audience=list(audiences),
                leeway=self.settings.leeway,
                options={"require": list(required)},
            )
        except jwt.ExpiredSignatureError as error:
            raise InvalidToken("The token has expired.") from error
        except jwt.ImmatureSignatureError as error:
            raise InvalidToken("The token is from the future.") from error
        except jwt.InvalidAudienceError as error:
            raise InvalidToken("The token is for another audience.") from error
        except jwt.InvalidIssuerError as error:
            raise InvalidToken("The token is from another issuer.") from error
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise InvalidToken("The token is not valid here.") from error
        if not _well_formed(claims):
            raise InvalidToken("The token is not valid here.")
        return claims


def _header(raw: str) -> dict[str, Any]:
    try:
        return jwt.get_unverified_header(raw)
    # Anybody can write a header, also one that is nested too deeply to be read.
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise InvalidToken("The token is not a JWT.") from error


def _well_formed(claims: dict[str, Any]) -> bool:
    """Whether claims that others rely on are of the type that they are read as."""
    texts = all(isinstance(claims[name], str) for name in ("sub", "client_id", "jti", "scope", "sid") if name in claims)
    times = all(type(claims[name]) in (int, float) for name in ("exp", "iat", "nbf") if name in claims)
    return texts and times and claims.get("sub") != ""
