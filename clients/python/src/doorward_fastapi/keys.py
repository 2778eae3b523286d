"""Owns: the issuer's public keys, kept: when they are fetched again, by whom, and when they are too old to be used.

Refuses to know what a token is for; see verify.py.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt

from .budget import Budget, Recent
from .fetch import Unfetched
from .issuer import Issuer
from .problems import IssuerUnavailable

STALE_FOR = 86_400.0
"""Seconds that keys keep serving while the issuer cannot be asked."""

GRACE = 60.0
"""Seconds after their time in which keys serve while they are fetched anew, so that nobody waits for that."""

PAUSE = 5.0
"""Seconds that a fetch which failed is not repeated, once there are keys."""

UNKNOWN_FOR = 10.0
"""Seconds that the issuer is not asked again about a `kid` that it did not publish."""

MOST_AT_ONCE, ONE_EVERY = 20, 3.0
"""What made-up `kid`s can make us do: twenty fetches at once, then one each three seconds, whoever asks."""

log = logging.getLogger("doorward_fastapi")


@dataclass(eq=False)
class Flight:
    """A fetch under way. Whoever needs one that began after they asked joins it."""

    number: int
    task: "asyncio.Task[bool]"

    def is_here(self) -> bool:
        return not self.task.done() and self.task.get_loop() is asyncio.get_running_loop()


class Keys:
    def __init__(self, issuer: Issuer, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer, self.clock = issuer, clock
        self.published: dict[str, jwt.PyJWK] = {}
        self.failing = False
        """Whether the last fetch failed: then a key that is not here may well be there."""
        self._fetched = self._failed = float("-inf")
        self._fresh_for = 0.0
        self._flight: Flight | None = None
        self._begun = 0
        self._unknown = Recent(UNKNOWN_FOR, 1000, clock)
        self._budget = Budget(MOST_AT_ONCE, ONE_EVERY, clock)

    async def find(self, kid: str) -> jwt.PyJWK | None:
        """The published key of that name, or None. 503 only where there are no keys at all."""
        asked = self._begun
        await self._keep_fresh(self.clock())
        if kid not in self.published and kid not in self._unknown:
            await self._look_again(kid, asked)
        return self.published.get(kid)

    @property
    def _pausing(self) -> bool:
        return self.failing and self.clock() - self._failed < PAUSE

    async def _keep_fresh(self, now: float) -> None:
        age = now - self._fetched
        if self.published and age < self._fresh_for:
            return
        if not self.published or age >= STALE_FOR:
            # Nothing can be said without keys, so everybody waits, for the same fetch.
            self.published = {}
            await self._joined()
            if not self.published:
                raise IssuerUnavailable()
        elif not self._pausing:
            if age < self._fresh_for + GRACE:
                self._under_way()
            else:
                await self._joined()

    async def _look_again(self, kid: str, asked: int) -> None:
        """Asks for a key that is not here; a rotation in an emergency looks like this, and a made-up name too. The
        answer that counts is to a fetch that began later than the first `asked`: one under way may have been
        answered before the key was published."""
        while kid not in self.published and not self._pausing:
            flight = self._flight if self._flight and self._flight.is_here() else None
            if flight is None:
                if self._begun > asked or not self._budget.take():
                    break
                # A cache on the way may hold the set without the new key.
                flight = self._under_way(headers={"Cache-Control": "no-cache"})
            told = await asyncio.shield(flight.task)
            if flight.number > asked:
                if told and kid not in self.published:
                    self._unknown.note(kid)
                break

    async def _joined(self) -> bool:
        # Shielded: a caller who hangs up must not take along the fetch for which others wait.
        return await asyncio.shield(self._under_way().task)

    def _under_way(self, headers: dict[str, str] | None = None) -> Flight:
        if self._flight is None or not self._flight.is_here():
            self._begun += 1
            self._flight = Flight(self._begun, asyncio.get_running_loop().create_task(self._fetch(headers)))
        return self._flight

    async def _fetch(self, headers: dict[str, str] | None) -> bool:
        """Whether the issuer told its keys."""
        began = self.clock()
        try:
            metadata = await self.issuer.metadata()
            said, fresh_for = await self.issuer.fetch.json(metadata.jwks_uri, headers)
            published = read(said, metadata.algorithms)
            if not published:
                raise Unfetched("there is no key that could be used")
        except Unfetched as why:
            self.failing, self._failed = True, self.clock()
            self.issuer.doubt()
            log.warning("The keys of %s could not be fetched: %s", self.issuer.settings.issuer, why)
            return False
        self.published, self._fresh_for, self._fetched, self.failing = published, fresh_for, began, False
        return True


def read(said: dict[str, Any], algorithms: frozenset[str]) -> dict[str, jwt.PyJWK]:
    """The keys of a set that can be used here, by name."""
    keys = said.get("keys")
    if not isinstance(keys, list):
        raise Unfetched("the answer is not a JWK Set")
    found: dict[str, jwt.PyJWK] = {}
    for key in keys:
        # No symmetric key is ever public, whatever a set says.
        if not isinstance(key, dict) or key.get("kty") not in ("RSA", "EC", "OKP") or key.get("use", "sig") != "sig":
            continue
        try:
            jwk = jwt.PyJWK(key)
        except Exception as error:  # noqa: BLE001 - one key of a strange kind must not cost us the others
            log.info("A key of the issuer is left out: %s", error)
            continue
        if isinstance(jwk.key_id, str) and jwk.algorithm_name in algorithms:
            found[jwk.key_id] = jwk
    return found
