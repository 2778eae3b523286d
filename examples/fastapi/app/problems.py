"""Owns: how a request without a good token is answered (RFC 6750 §3): the status, and the challenge that says why."""

from fastapi import HTTPException


class Unauthenticated(HTTPException):
    """No token at all. RFC 6750 §3.1: then the challenge carries no error code."""

    def __init__(self) -> None:
        super().__init__(401, "Sign in first.", {"WWW-Authenticate": "Bearer"})


class InvalidRequest(HTTPException):
    """A Bearer header that is not of the form `Bearer <token>`."""

    def __init__(self, why: str) -> None:
        super().__init__(400, why, {"WWW-Authenticate": _challenge("invalid_request", why)})


class InvalidToken(HTTPException):
    """Expired, revoked, malformed, for someone else, or from someone else."""

    def __init__(self, why: str) -> None:
        super().__init__(401, why, {"WWW-Authenticate": _challenge("invalid_token", why)})


class InsufficientScope(HTTPException):
    """A good token that was granted too little; the challenge says what would be enough."""

    def __init__(self, scope: str) -> None:
        why = f"This needs the scope {scope}."
        challenge = _challenge("insufficient_scope", why) + f', scope="{scope}"'
        super().__init__(403, why, {"WWW-Authenticate": challenge})


class IssuerUnavailable(HTTPException):
    """Doorward cannot be asked. Not the caller's fault, so neither 401 (sign in again) nor 500 (our bug)."""

    def __init__(self) -> None:
        super().__init__(503, "The sign-in service cannot be reached.", {"Retry-After": "5"})


def _challenge(error: str, why: str) -> str:
    return f'Bearer error="{error}", error_description="{why}"'
