"""Owns: one issuer as one service sees it: the parts, put together, and set up in an application."""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx2
from fastapi import FastAPI, Request, Response

from . import openapi
from .backchannel import Receiver
from .claims import AccessToken
from .denied import DenyList, InMemory
from .dependencies import current_token
from .fetch import Fetch
from .issuer import Issuer
from .keys import Keys
from .problems import InvalidToken, Problem, answer
from .settings import ALGORITHMS, Settings, names
from .userinfo import Userinfo
from .verify import Verifier

if TYPE_CHECKING:
    from .users import Users


class Auth:
    """`auth = Auth(issuer="https://id.example.com")`, then `auth.install(app)`.

    `audience` is what `aud` must contain: Doorward's default is its issuer. `logout_client_ids` are the clients
    whose sign-outs are told to this service; with one of them it answers at `/backchannel-logout`.
    """

    require = staticmethod(current_token)
    """For `Security(auth.require, scopes=[…])`."""

    def __init__(
        self,
        issuer: str,
        audience: str | Iterable[str] | None = None,
        *,
        users: "Users[Any] | None" = None,
        logout_client_ids: str | Iterable[str] = (),
        denied: DenyList | None = None,
        algorithms: Iterable[str] = ALGORITHMS,
        leeway: float = Settings.leeway,
        longest_token: float = Settings.longest_token,
        clock: Callable[[], float] = time.monotonic,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        audiences = names(issuer if audience is None else audience)
        self.settings = Settings(issuer, audiences, names(algorithms), leeway, longest_token)
        self.users, self.clock = users, clock
        self.denied: DenyList = InMemory() if denied is None else denied
        self.logout_client_ids = names(logout_client_ids)
        self.reach(transport)

    def reach(self, transport: httpx2.AsyncBaseTransport | None) -> None:
        """Asks the issuer by this way, and forgets what it said before."""
        self.fetch = Fetch(transport)
        self.issuer = Issuer(self.settings, self.fetch, self.clock)
        self.keys = Keys(self.issuer, self.clock)
        self.verifier = Verifier(self.settings, self.keys)
        self.userinfo = Userinfo(self.issuer, self.verifier, self.clock)
        self.receiver = Receiver(self.settings, self.verifier, self.denied, self.logout_client_ids)

    async def verified(self, raw: str) -> AccessToken:
        """A token as it was sent, checked; 401 if it is not good, 503 if there are no keys to check it with."""
        token = await self.verifier.access_token(raw)
        if await self.denied.denies(token.session_id, token.subject, token.issued_at):
            raise InvalidToken("The session has ended.")
        return token

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """As `FastAPI(lifespan=auth.lifespan)`, or inside of one of your own. The issuer is not asked yet."""
        try:
            yield
        finally:
            await self.fetch.close()

    def install(
        self,
        app: FastAPI,
        *,
        docs_client_id: str = "",
        docs_scheme: openapi.Scheme = "oauth2",
        scopes: Mapping[str, str] = openapi.SCOPES,
        logout_path: str = "/backchannel-logout",
    ) -> None:
        """Sets up the application: what its routes ask, what refusals look like, its document, its docs page.

        `docs_client_id` is a public client with the redirect URI `…/docs/oauth2-redirect`; `scopes` are those
        that the Authorize button offers, with a word for people.
        """
        app.state.doorward = self
        app.add_exception_handler(Problem, answer)
        openapi.describe(app, openapi.scheme(self.settings, docs_scheme, scopes))
        if docs_client_id:
            openapi.authorize_button(app, self.settings, docs_client_id, scopes, self._resource())
        if self.logout_client_ids:
            app.add_api_route(logout_path, self._told, methods=["POST"], include_in_schema=False)

    async def _told(self, request: Request) -> Response:
        # Looked up when it is called, so that a test's other way to the issuer counts here too.
        return await self.receiver.endpoint(request)

    def _resource(self) -> str | None:
        """RFC 8707: what the docs page must ask for, where it is not what a token is for by itself."""
        if self.settings.issuer in self.settings.audiences:
            return None
        return min(self.settings.audiences)
