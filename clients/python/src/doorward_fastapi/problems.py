"""Owns: how a request that may not go on is answered: the status, and the challenge that says why (RFC 6750 §3)."""

from collections.abc import Iterable
from typing import ClassVar

from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse


class Problem(HTTPException):
    """Whatever this package refuses a request with. `error` is for programs, `detail` for people."""

    error: ClassVar[str]


class Unauthenticated(Problem):
    """401: no token at all. RFC 6750 §3.1: then the challenge carries no error code."""

    error = "unauthenticated"

    def __init__(self) -> None:
        super().__init__(401, "Sign in first.", {"WWW-Authenticate": "Bearer"})


class InvalidRequest(Problem):
    """400: a Bearer header that is not of the form `Bearer <token>`."""

    error = "invalid_request"

    def __init__(self, why: str) -> None:
        super().__init__(400, why, {"WWW-Authenticate": challenge(self.error, why)})


class InvalidToken(Problem):
    """401: expired, signed out, malformed, for someone else, or from someone else."""

    error = "invalid_token"

    def __init__(self, why: str) -> None:
        super().__init__(401, why, {"WWW-Authenticate": challenge(self.error, why)})


class InsufficientScope(Problem):
    """403: a good token that was granted too little; the challenge says what would be enough."""

    error = "insufficient_scope"

    def __init__(self, scopes: Iterable[str]) -> None:
        scope = " ".join(scopes)
        why = f"This needs the scope {scope}."
        super().__init__(403, why, {"WWW-Authenticate": f'{challenge(self.error, why)}, scope="{scope}"'})


class EmailNotVerified(Problem):
    """403: a newcomer whose address nobody has proven. A row for it would keep the address from its owner."""

    error = "email_not_verified"

    def __init__(self) -> None:
        why = "Prove your e-mail address first."
        super().__init__(403, why, {"WWW-Authenticate": challenge(self.error, why)})


class AccountConflict(Problem):
    """409: the address belongs to another row. Handing that row over for an equal address would be a takeover."""

    error = "account_conflict"

    def __init__(self) -> None:
        super().__init__(409, "Another account here has this e-mail address.")


class IssuerUnavailable(Problem):
    """503: Doorward cannot be asked. Not the caller's fault, so neither 401 (sign in again) nor 500 (our bug)."""

    error = "temporarily_unavailable"

    def __init__(self) -> None:
        super().__init__(503, "The sign-in service cannot be reached.", {"Retry-After": "5"})


def challenge(error: str, why: str) -> str:
    # Both are sentences of ours without quotes; nothing of the request is told back.
    return f'Bearer error="{error}", error_description="{why}"'


async def answer(_: Request, problem: Exception) -> JSONResponse:
    """The exception handler that `Auth.install` sets."""
    assert isinstance(problem, Problem)
    content = {"error": problem.error, "detail": problem.detail}
    return JSONResponse(content, problem.status_code, problem.headers)
