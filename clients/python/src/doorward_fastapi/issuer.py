"""Owns: what the issuer says of itself: where its keys and userinfo are, and how it signs (Discovery 1.0)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .fetch import Fetch, Unfetched
from .settings import Settings, is_safe


@dataclass(frozen=True)
class Metadata:
    jwks_uri: str
    userinfo_endpoint: str | None
    algorithms: frozenset[str]
    """Of those that we accept, the ones that the issuer uses."""


class Issuer:
    def __init__(self, settings: Settings, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings, self.fetch, self.clock = settings, fetch, clock
        self._metadata: Metadata | None = None
        self._fresh_until = float("-inf")

    @property
    def known(self) -> Metadata | None:
        """What was last said, fresh or not."""
        return self._metadata

    async def metadata(self) -> Metadata:
        """What is said now; what was said last while the issuer cannot be asked."""
        if self._metadata is not None and self.clock() < self._fresh_until:
            return self._metadata
        try:
            # The path is appended to an issuer with a path too (Discovery §4.1).
            url = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
            said, fresh_for = await self.fetch.json(url)
            self._metadata = self._read(said)
            self._fresh_until = self.clock() + fresh_for
        except Unfetched:
            if self._metadata is None:
                raise
        return self._metadata

    def doubt(self) -> None:
        """Ask again next time: what was said does not hold."""
        self._fresh_until = float("-inf")

    def _read(self, said: dict[str, Any]) -> Metadata:
        # Discovery §4.3: a document that names another issuer is not this issuer's.
        if said.get("issuer") != self.settings.issuer:
            raise Unfetched(f"the document at {self.settings.issuer} is of the issuer {said.get('issuer')!r}")
        jwks_uri, userinfo = said.get("jwks_uri"), said.get("userinfo_endpoint")
        if not isinstance(jwks_uri, str) or not is_safe(jwks_uri):
            raise Unfetched("the document names no jwks_uri that could be trusted")
        if not isinstance(userinfo, str) or not is_safe(userinfo):
            userinfo = None
        signs = said.get("id_token_signing_alg_values_supported")
        algorithms = self.settings.algorithms
        if isinstance(signs, list):
            algorithms &= {alg for alg in signs if isinstance(alg, str)}
        return Metadata(jwks_uri, userinfo, algorithms)
