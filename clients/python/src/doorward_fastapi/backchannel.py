"""Owns: what happens when the issuer tells that somebody signed out (OpenID Connect Back-Channel Logout 1.0)."""

import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from .denied import DenyList
from .problems import InvalidToken, IssuerUnavailable, Problem
from .settings import Settings
from .verify import UnknownKey, Verifier

EVENT = "http://schemas.openid.net/event/backchannel-logout"
OF_LOGOUT_TOKENS = frozenset({"logout+jwt", "application/logout+jwt"})
REQUIRED = ("iss", "aud", "iat", "exp", "jti", "events")
MOST_BYTES = 65_536
OLDEST = 600.0
"""Seconds that a logout token can be old, whatever its `exp` says: for so long its `jti` is remembered."""

log = logging.getLogger("doorward_fastapi")


class Receiver:
    def __init__(
        self,
        settings: Settings,
        verifier: Verifier,
        denied: DenyList,
        client_ids: frozenset[str],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.settings, self.verifier, self.denied = settings, verifier, denied
        self.client_ids, self.now = client_ids, now

    async def endpoint(self, request: Request) -> Response:
        """POST, with a form of one field. 200 once it is noted; 400 if it is not good; 503 to be told again."""
        try:
            token = _field(await _body(request))
            await self.signed_out(token)
        except IssuerUnavailable as problem:
            return _answer(503, "temporarily_unavailable", problem.detail)
        except UnknownKey as problem:
            # The issuer does not repeat what is answered 400, and this key may only not have come through to us.
            failing = self.verifier.keys.failing
            return _answer(503 if failing else 400, "invalid_request", problem.detail)
        except Problem as problem:
            return _answer(400, "invalid_request", problem.detail)
        return Response(status_code=200, headers={"Cache-Control": "no-store"})

    async def signed_out(self, raw: str) -> None:
        """Checks a logout token (§2.6) and notes what it says."""
        claims = await self.verifier.signed(raw, OF_LOGOUT_TOKENS, self.client_ids, REQUIRED)
        issued, leeway = float(claims["iat"]), self.settings.leeway
        if issued < self.now() - OLDEST - leeway:
            raise InvalidToken("The logout token is too old.")
        if not _is_logout(claims.get("events")):
            raise InvalidToken("The logout token has no event that says so.")
        # §2.4: so that an ID token can never be taken for one.
        if "nonce" in claims:
            raise InvalidToken("The logout token has a nonce.")
        sid, sub = claims.get("sid"), claims.get("sub")
        if not sid and not sub:
            raise InvalidToken("The logout token says neither which session nor who.")
        if not await self.denied.is_new(claims["jti"], self.now() + OLDEST + 2 * leeway):
            raise InvalidToken("The logout token was used before.")
        until = self.now() + self.settings.longest_token + leeway
        # §2.7: the session if it is named, everything of the person if it is not.
        if sid:
            await self.denied.deny("sid", sid, issued, until)
        else:
            await self.denied.deny("sub", claims["sub"], issued, until)
        log.info("a session was signed out")


def _is_logout(events: Any) -> bool:
    return isinstance(events, dict) and isinstance(events.get(EVENT), dict)


async def _body(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise InvalidToken("The body must be a form.")
    body = bytearray()
    async for some in request.stream():
        body += some
        if len(body) > MOST_BYTES:
            raise InvalidToken("The form is too large.")
    return bytes(body)


def _field(body: bytes) -> str:
    try:
        fields = parse_qs(body.decode(), max_num_fields=20)
    except ValueError as error:
        raise InvalidToken("The body is not a form.") from error
    tokens = fields.get("logout_token", [])
    if len(tokens) != 1:
        raise InvalidToken("The form must have one logout_token.")
    return tokens[0]


def _answer(status: int, error: str, why: str) -> JSONResponse:
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "5"} if status == 503 else {})
    return JSONResponse({"error": error, "error_description": why}, status, headers)
