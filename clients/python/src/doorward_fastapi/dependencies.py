"""Owns: what a route asks for: a verified token, some scopes, a person; or none of them, if it can do without."""

from typing import TYPE_CHECKING, Annotated, Any, cast

from fastapi import Depends, Request, Security
from fastapi.security import SecurityScopes

from .claims import AccessToken
from .openapi import Bearer
from .problems import InsufficientScope, Unauthenticated

if TYPE_CHECKING:
    from .auth import Auth

SCHEME = Bearer()


def auth_of(request: Request) -> "Auth":
    auth = getattr(request.app.state, "doorward", None)
    if auth is None:
        raise RuntimeError("auth.install(app) has not been called for this application")
    return cast("Auth", auth)


async def verified(request: Request, raw: Annotated[str | None, Depends(SCHEME)]) -> AccessToken | None:
    return None if raw is None else await auth_of(request).verified(raw)


async def optional_token(
    token: Annotated[AccessToken | None, Depends(verified)], needed: SecurityScopes
) -> AccessToken | None:
    """The verified token, or None where none was sent. A bad one is refused: nobody meant to be nobody."""
    if token is not None and not token.scopes.issuperset(needed.scopes):
        raise InsufficientScope(needed.scopes)
    return token


async def current_token(token: Annotated[AccessToken | None, Depends(optional_token)]) -> AccessToken:
    """The verified token, with the scopes that `Security(…, scopes=[…])` names above it."""
    if token is None:
        raise Unauthenticated()
    return token


def require_scopes(*scopes: str) -> Any:
    """For `dependencies=[require_scopes("orders:write")]`, or as `Annotated[AccessToken, require_scopes(…)]`."""
    for scope in scopes:
        # RFC 6749 §3.3. One with a space in it would be two, and never be granted.
        if not scope or not all(c == "!" or "#" <= c <= "[" or "]" <= c <= "~" for c in scope):
            raise ValueError(f"{scope!r} cannot be a scope")
    return Security(current_token, scopes=list(scopes))


CurrentToken = Annotated[AccessToken, Depends(current_token)]
OptionalToken = Annotated[AccessToken | None, Depends(optional_token)]
