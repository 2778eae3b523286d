"""Owns: what the issuer tells about a token's person (OpenID Connect Core §5.3), asked once and kept for a while."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from .claims import AccessToken
from .fetch import Unfetched
from .issuer import Issuer
from .problems import InvalidToken, IssuerUnavailable
from .verify import Verifier

KEPT_FOR = 300.0
MOST_KEPT = 10_000


class Userinfo:
    def __init__(self, issuer: Issuer, verifier: Verifier, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer, self.verifier, self.clock = issuer, verifier, clock
        self._kept: OrderedDict[str | tuple[str, str], tuple[float, dict[str, Any]]] = OrderedDict()
        self._asked: dict[str, asyncio.Task[dict[str, Any]]] = {}

    async def about(self, token: AccessToken, kept_for: float = KEPT_FOR) -> dict[str, Any]:
        """What the issuer says, or said so many seconds ago. 401 where it refuses the token, 503 where it cannot be
        asked."""
        for name in (token.subject, _of_this_token(token)):
            kept = self._kept.get(name)
            if kept is not None and self.clock() - kept[0] < kept_for:
                return kept[1]
        # By the token, not the person: a token that is refused must not refuse another one of theirs.
        asked = self._asked.get(token.raw)
        if asked is None or asked.done() or asked.get_loop() is not asyncio.get_running_loop():
            asked = asyncio.get_running_loop().create_task(self._asked_once(token))
            self._asked[token.raw] = asked
            asked.add_done_callback(lambda task: self._done(token, task))
        return await asyncio.shield(asked)

    def _done(self, token: AccessToken, task: "asyncio.Task[dict[str, Any]]") -> None:
        if self._asked.get(token.raw) is task:
            del self._asked[token.raw]

    async def _asked_once(self, token: AccessToken) -> dict[str, Any]:
        said = await self._ask(token)
        # A token that may know little says nothing about what the person's next one may know.
        name = token.subject if "email" in said else _of_this_token(token)
        self._kept[name] = (self.clock(), said)
        self._kept.move_to_end(name)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return said

    async def _ask(self, token: AccessToken) -> dict[str, Any]:
        try:
            endpoint = (await self.issuer.metadata()).userinfo_endpoint
            if endpoint is None:
                raise Unfetched("the issuer has no userinfo endpoint")
            answer = await self.issuer.fetch.get(endpoint, {"Authorization": f"Bearer {token.raw}"})
            if answer.status == 403:
                return {"sub": token.subject}
            if answer.status == 401:
                raise InvalidToken("The token is no longer valid.")
            if answer.status != 200:
                raise Unfetched(f"{endpoint} answers {answer.status}")
            if answer.kind == "application/jwt":
                # §5.3.2: for clients that registered it; then `aud` is the client that the token was given to.
                said = await self.verifier.signed(answer.text, None, [token.client_id], ("iss", "aud", "sub"))
            else:
                said = answer.json()
        except Unfetched as why:
            raise IssuerUnavailable() from why
        # §5.3.2: an answer about another subject must not be used.
        if said.get("sub") != token.subject:
            raise InvalidToken("The token is no longer valid.")
        return said


def _of_this_token(token: AccessToken) -> tuple[str, str]:
    return token.subject, token.claims["jti"]
