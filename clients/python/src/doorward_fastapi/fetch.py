"""Owns: one GET to the issuer: who asks, for how long, how much, and that nobody is followed elsewhere."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import httpx2

try:
    VERSION = version("doorward-fastapi")
except PackageNotFoundError:  # run from a checkout that was not installed
    VERSION = "0"

USER_AGENT = f"doorward-fastapi/{VERSION}"
"""Our own name: firewalls that refuse `Python-urllib` and the like do not mean us."""

PATIENCE = 5.0
"""Seconds for each step of a call; twice that for all of it, however slowly it comes."""

MOST_BYTES = 1 << 20

USUAL, LEAST, MOST = 300.0, 60.0, 3600.0
"""Seconds that an answer is fresh if it does not say, and what it can say."""


class Unfetched(Exception):
    """There is no answer that could be used; the text says why, for the log."""


@dataclass(frozen=True)
class Answer:
    status: int
    kind: str
    text: str
    fresh_for: float

    def json(self) -> dict[str, Any]:
        try:
            found = json.loads(self.text)
        except (ValueError, RecursionError) as error:
            raise Unfetched("the answer is not JSON") from error
        if not isinstance(found, dict):
            raise Unfetched("the answer is not a JSON object")
        return found


class Fetch:
    """A client that is opened when it is first needed, so that a service starts whether or not its issuer is there."""

    def __init__(self, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self.transport = transport
        self._client: httpx2.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        try:
            return await asyncio.wait_for(self._twice(url, headers), 2 * PATIENCE)
        except (httpx2.HTTPError, httpx2.InvalidURL, asyncio.TimeoutError) as error:
            raise Unfetched(f"{url}: {type(error).__name__} {error}") from error

    async def _twice(self, url: str, headers: Mapping[str, str] | None) -> Answer:
        try:
            return await self._once(url, headers)
        except (httpx2.RemoteProtocolError, httpx2.NetworkError):
            # A connection that was kept may have been closed at the other end as we took it up again.
            return await self._once(url, headers)

    async def _once(self, url: str, headers: Mapping[str, str] | None) -> Answer:
        async with self._open().stream("GET", url, headers=dict(headers or {})) as answer:
            body = bytearray()
            async for some in answer.aiter_bytes():
                body += some
                if len(body) > MOST_BYTES:
                    raise Unfetched(f"{url} answers more than {MOST_BYTES} bytes")
            return Answer(
                answer.status_code,
                answer.headers.get("content-type", "").partition(";")[0].strip().lower(),
                body.decode(errors="replace"),
                fresh_for(answer.headers.get("cache-control", ""), answer.headers.get("age", "")),
            )

    async def json(self, url: str, headers: Mapping[str, str] | None = None) -> tuple[dict[str, Any], float]:
        """The object at `url`, and for how many seconds it is fresh."""
        answer = await self.get(url, headers)
        # A redirect ends here too: keys come from the address that discovery names, or not at all.
        if answer.status != 200:
            raise Unfetched(f"{url} answers {answer.status}")
        return answer.json(), answer.fresh_for

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _open(self) -> httpx2.AsyncClient:
        # Test clients run a loop per request; a connection of another loop cannot be used in this one.
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            headers = {"User-Agent": USER_AGENT, "Accept": "application/json, application/jwt"}
            self._client = httpx2.AsyncClient(
                transport=self.transport, timeout=PATIENCE, headers=headers, follow_redirects=False
            )
            self._loop = loop
        return self._client


def fresh_for(cache_control: str, age: str = "") -> float:
    """Seconds, from what the answer says (RFC 9111 §4.2.1, §4.2.3) and within what we take."""
    said = re.search(r"(?:^|[\s,])max-age=\"?(\d{1,9})", cache_control.lower())
    seconds = float(said[1]) if said else USUAL
    if re.search(r"(?:^|[\s,])no-(?:store|cache)(?:$|[\s,])", cache_control.lower()):
        seconds = 0.0
    if age.isdecimal() and len(age) < 10:
        seconds -= float(age)
    return min(max(seconds, LEAST), MOST)
