"""Owns: which sessions and people have signed out, for as long as their access tokens could still live.

In one process. Several workers share a table instead: users/signed_out.py.
"""

import time
from collections.abc import Callable
from typing import Literal, Protocol

Kind = Literal["sid", "sub"]


class DenyList(Protocol):
    """Where sign-outs are noted. Times are seconds since 1970, as in tokens."""

    async def deny(self, kind: Kind, value: str, before: float, until: float) -> None:
        """Tokens of that session or person that were issued up to `before` are refused, until `until`."""

    async def denies(self, sid: str | None, sub: str, issued_at: float) -> bool:
        """Whether a token is refused."""

    async def is_new(self, jti: str, until: float) -> bool:
        """Notes a name until then. To exactly one caller it is new."""


class InMemory:
    """For one process; what was noted is gone when it ends, a few minutes before the tokens do."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self._denied: dict[tuple[Kind, str], tuple[float, float]] = {}
        self._seen: dict[str, float] = {}

    async def deny(self, kind: Kind, value: str, before: float, until: float) -> None:
        self._sweep()
        earlier = self._denied.get((kind, value), (before, until))
        self._denied[kind, value] = (max(before, earlier[0]), max(until, earlier[1]))

    async def denies(self, sid: str | None, sub: str, issued_at: float) -> bool:
        return refused(self._denied, sid, sub, issued_at, self.now())

    async def is_new(self, jti: str, until: float) -> bool:
        self._sweep()
        if jti in self._seen:
            return False
        self._seen[jti] = until
        return True

    def _sweep(self) -> None:
        now = self.now()
        # Only the issuer's own signature adds an entry, and each ends by itself: nothing is pushed out early.
        self._denied = {name: entry for name, entry in self._denied.items() if entry[1] > now}
        self._seen = {jti: until for jti, until in self._seen.items() if until > now}


def refused(
    denied: dict[tuple[Kind, str], tuple[float, float]], sid: str | None, sub: str, issued_at: float, now: float
) -> bool:
    for name in (("sid", sid), ("sub", sub)):
        before, until = denied.get(name, (0.0, 0.0))  # type: ignore[arg-type]
        # Issued up to then: access that was granted beyond the session goes on with tokens issued later.
        if issued_at <= before and now < until:
            return True
    return False
