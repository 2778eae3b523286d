"""Owns: four ways to check an access token, each as its own documentation has it."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry
from joserfc.jwt import decode as joserfc_decode

with warnings.catch_warnings(record=True):
    # Authlib says that joserfc is the successor of this; those who have not moved yet still need our tokens.
    from authlib.jose import JsonWebKey, JsonWebToken
    from authlib.jose.errors import JoseError as AuthlibError

ALGORITHMS = ["RS256", "ES256", "EdDSA"]


class Refused(Exception):
    pass


class Verifier(ABC):
    """For one issuer and one audience, with the issuer's keys."""

    def __init__(self, issuer: str, audience: str, jwks: dict[str, Any]) -> None:
        self.issuer, self.audience, self.jwks = issuer, audience, jwks

    @abstractmethod
    def check(self, token: str) -> dict[str, Any]: ...


class PyJWT(Verifier):
    def check(self, token: str) -> dict[str, Any]:
        try:
            keys = jwt.PyJWKSet.from_dict(self.jwks)
            key = jwt.PyJWKClient.match_kid(keys.keys, jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise Refused("unknown key")
            return jwt.decode(token, key, algorithms=ALGORITHMS, audience=self.audience, issuer=self.issuer)
        except jwt.PyJWTError as error:
            raise Refused(repr(error)) from error


class Joserfc(Verifier):
    def check(self, token: str) -> dict[str, Any]:
        try:
            with warnings.catch_warnings():
                # EdDSA is to be called Ed25519 (RFC 9864), which the other libraries do not know yet.
                warnings.simplefilter("ignore", SecurityWarning)
                found = joserfc_decode(token, KeySet.import_key_set(self.jwks), algorithms=ALGORITHMS)
            wanted = JWTClaimsRegistry(
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.audience},
                exp={"essential": True},
            )
            wanted.validate(found.claims)
            return found.claims
        except (JoseError, ValueError) as error:
            raise Refused(repr(error)) from error


class Authlib(Verifier):
    def check(self, token: str) -> dict[str, Any]:
        wanted = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.audience},
            "exp": {"essential": True},
        }
        try:
            keys = JsonWebKey.import_key_set(self.jwks)
            claims = JsonWebToken(ALGORITHMS).decode(token, keys, claims_options=wanted)
            claims.validate()
            return dict(claims)
        except (AuthlibError, ValueError) as error:
            raise Refused(repr(error)) from error


THEIRS: dict[str, Callable[[str, str, dict[str, Any]], Verifier]] = {
    "PyJWT": PyJWT,
    "joserfc": Joserfc,
    "Authlib": Authlib,
}
