"""FastAPI behind Doorward: access tokens verified offline, people provisioned, sign-outs obeyed.

`doorward_fastapi.users` needs SQLAlchemy and is not imported here, so that a service without users does without.
"""

from .auth import Auth
from .claims import AccessToken
from .denied import DenyList, InMemory
from .dependencies import CurrentToken, OptionalToken, current_token, optional_token, require_scopes
from .problems import (
    AccountConflict,
    EmailNotVerified,
    InsufficientScope,
    InvalidRequest,
    InvalidToken,
    IssuerUnavailable,
    Problem,
    Unauthenticated,
)

__all__ = [
    "AccessToken",
    "AccountConflict",
    "Auth",
    "CurrentToken",
    "DenyList",
    "EmailNotVerified",
    "InMemory",
    "InsufficientScope",
    "InvalidRequest",
    "InvalidToken",
    "IssuerUnavailable",
    "OptionalToken",
    "Problem",
    "Unauthenticated",
    "current_token",
    "optional_token",
    "require_scopes",
]
