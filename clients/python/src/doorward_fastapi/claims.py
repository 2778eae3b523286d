"""Owns: what a verified access token says (RFC 9068 §2.2), by names instead of letters."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class AccessToken:
    """Made by verify.py alone: whoever holds one holds claims that were checked."""

    raw: str
    claims: dict[str, Any]

    def __repr__(self) -> str:
        # Whatever prints this, a log above all, must not hold the token itself.
        return f"AccessToken(sub={self.subject!r}, client_id={self.client_id!r}, scope={sorted(self.scopes)})"

    @property
    def subject(self) -> str:
        """Who: the `sub` that a row's `better_auth_id` holds."""
        return str(self.claims["sub"])

    @property
    def client_id(self) -> str:
        """The application that the token was given to."""
        return str(self.claims["client_id"])

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(self.claims.get("scope", "").split())

    @property
    def session_id(self) -> str | None:
        """The sign-in session that the token comes from; none for a client that acts for itself."""
        return self.claims.get("sid")

    @property
    def issued_at(self) -> float:
        return float(self.claims["iat"])

    @property
    def is_client(self) -> bool:
        """Whether a client acts for itself: there is no person then (RFC 6749 §4.4, RFC 9068 §5)."""
        # No person's subject begins so, whichever client the token was exchanged for.
        return self.subject.startswith("client:")
