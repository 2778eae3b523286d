"""Owns: what Doorward publishes: its discovery document and its keys, fetched when needed and kept.

Refuses to know what a token is for; see tokens.py.
"""

import asyncio
import logging
import time
from typing import Any

import httpx2
import jwt

from .problems import IssuerUnavailable

FRESH_FOR = 300.0
"""Seconds that a key set is used without looking again: the max-age that Doorward gives it."""

ASK_AGAIN_AFTER = 30.0
"""Seconds between two fetches once there are keys, so that made-up `kid`s cannot make us hammer Doorward."""

log = logging.getLogger(__name__)


class Issuer:
    def __init__(self, url: str, http: httpx2.AsyncClient) -> None:
        self.url = url
        self.http = http
        self.keys: dict[str, jwt.PyJWK] = {}
        self._metadata: dict[str, Any] | None = None
        self._fetched = self._tried = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def metadata(self) -> dict[str, Any]:
        if self._metadata is None:
            found = await self._json(f"{self.url}/.well-known/openid-configuration")
            # OpenID Connect Discovery §4.3: a document that names another issuer is not this issuer's.
            if found.get("issuer") != self.url:
                raise IssuerUnavailable()
            self._metadata = found
        return self._metadata

    async def key(self, kid: str) -> jwt.PyJWK | None:
        """The published key of that name, or None. Keys that are known keep serving while Doorward is away."""
        asked = time.monotonic()
        if not self._settled(kid, asked):
            async with self._one_at_a_time:
                # Whoever waited for the lock finds the work done.
                if self._tried < asked:
                    await self._fetch()
        if not self.keys:
            raise IssuerUnavailable()
        return self.keys.get(kid)

    def _settled(self, kid: str, now: float) -> bool:
        """Whether asking again is pointless: the key is here and fresh, or Doorward was asked a moment ago."""
        fresh = kid in self.keys and now - self._fetched < FRESH_FOR
        return fresh or (bool(self.keys) and now - self._tried < ASK_AGAIN_AFTER)

    async def userinfo(self, token: str) -> dict[str, Any] | None:
        """What Doorward tells about the token's user, or None where it refuses the token."""
        endpoint = (await self.metadata())["userinfo_endpoint"]
        return await self._json(endpoint, headers={"Authorization": f"Bearer {token}"}, refused_by=(401, 403))

    async def _fetch(self) -> None:
        try:
            published = await self._json((await self.metadata())["jwks_uri"])
            # PyJWKSet skips kinds of key that it does not know; one of them must not cost us the others.
            self.keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(published).keys if key.key_id}
            self._fetched = time.monotonic()
        except (IssuerUnavailable, jwt.PyJWTError) as error:
            log.warning("The keys of %s could not be fetched: %s", self.url, error.__cause__ or error)
        finally:
            self._tried = time.monotonic()

    async def _json(self, url: str, *, refused_by: tuple[int, ...] = (), **how: Any) -> Any:
        try:
            answer = await self.http.get(url, **how)
            if answer.status_code in refused_by:
                return None
            # No redirects are followed: keys come from the address that discovery names, or not at all.
            if answer.status_code != 200:
                raise IssuerUnavailable()
            return answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise IssuerUnavailable() from error
