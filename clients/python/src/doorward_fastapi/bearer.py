"""Owns: the token in a request's `Authorization` header (RFC 6750 §2.1). No other place is looked at."""

from collections.abc import Sequence

from .problems import InvalidRequest


def bearer(headers: Sequence[str]) -> str | None:
    """The token; None where none was sent. A header that means to hold one and does not is an invalid request."""
    if len(headers) > 1:
        raise InvalidRequest("There must be one Authorization header.")
    scheme, _, token = (headers[0] if headers else "").partition(" ")
    # Another scheme is no bearer token at all, so the caller is told what would be one, and no more.
    if scheme.lower() != "bearer":
        return None
    token = token.strip(" ")
    if not token or " " in token or not token.isascii():
        raise InvalidRequest("The Authorization header must be: Bearer, one space, the token.")
    return token
