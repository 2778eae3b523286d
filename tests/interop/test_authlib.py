"""Owns: Authlib, as a Starlette application uses it, against Doorward: sign-in, userinfo, refresh, refusal."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import OAuth
from house import House
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from visitor import Visitor

HOME = "http://localhost:8123"
CALLBACK = f"{HOME}/callback"
PASSWORD = "correct horse battery staple"


class RelyingParty:
    """A web application of Authlib's own documentation: /login sends away, /callback takes the answer."""

    def __init__(self, house: House, client: dict, **how: str) -> None:
        self.token: dict = {}
        self.refreshed: list[dict] = []
        oauth = OAuth()
        self.doorward = oauth.register(
            "doorward",
            client_id=client["client_id"],
            client_secret=client.get("client_secret"),
            server_metadata_url=f"{house.issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid profile email offline_access", "code_challenge_method": "S256"} | how,
            update_token=self.keep,
        )
        routes = [Route("/login", self.login), Route("/callback", self.callback), Route("/userinfo", self.userinfo)]
        # The state and the PKCE verifier wait in the session while the person is away.
        session = Middleware(SessionMiddleware, secret_key=secrets.token_urlsafe())
        self.app = Starlette(routes=routes, middleware=[session])

    async def keep(self, token: dict, refresh_token: str | None = None, access_token: str | None = None) -> None:
        self.token = self.token | token
        self.refreshed.append(token)

    async def login(self, request: Request) -> Response:
        return await self.doorward.authorize_redirect(request, CALLBACK)

    async def callback(self, request: Request) -> Response:
        try:
            self.token = await self.doorward.authorize_access_token(request)
        except OAuthError as error:
            return JSONResponse({"error": error.error}, 403)
        return JSONResponse(self.token["userinfo"])

    async def userinfo(self, request: Request) -> Response:
        return JSONResponse(await self.doorward.userinfo(token=self.token))

    @contextmanager
    def running(self) -> Iterator[TestClient]:
        with TestClient(self.app, base_url=HOME, follow_redirects=False) as browser:
            yield browser


def visitor(house: House) -> Visitor:
    return Visitor(house.issuer, f"{secrets.token_hex(6)}@example.com", PASSWORD)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_signs_up_signs_in_and_refreshes(house: House, method: str) -> None:
    client = house.add_client(f"Authlib {method}", CALLBACK, public=method == "none")
    party, person = RelyingParty(house, client, token_endpoint_auth_method=method), visitor(house)
    with party.running() as browser:
        away = browser.get("/login").headers["location"]
        back = person.authorize(away, sign_up="Ada Lovelace")
        claims = browser.get(back)
        assert claims.status_code == 200, claims.text
        # Authlib has verified signature, iss, aud, exp and nonce; identity claims live at userinfo.
        assert claims.json()["aud"] in (client["client_id"], [client["client_id"]])
        assert claims.json()["iss"] == house.issuer
        assert "email" not in claims.json()

        about = browser.get("/userinfo").json()
        assert about["sub"] == claims.json()["sub"]
        assert (about["email"], about["name"]) == (person.email, "Ada Lovelace")

        first = dict(party.token)
        party.token["expires_at"] = 1
        assert browser.get("/userinfo").json() == about
        [second] = party.refreshed
        assert second["access_token"] != first["access_token"]
        if method == "none":
            # OAuth 2.1 §4.3.1: a public client's refresh token is rotated.
            assert second["refresh_token"] != first["refresh_token"]


def test_the_second_sign_in_asks_nothing(house: House) -> None:
    party, person = RelyingParty(house, house.add_client("Authlib again", CALLBACK)), visitor(house)
    house.add_user(person.email, "Grace Hopper", PASSWORD)
    with party.running() as browser:
        browser.get(person.authorize(browser.get("/login").headers["location"]))
        once = party.token["userinfo"]
        # A page here would come back as a Page, not as the callback's URL.
        back = person.get(browser.get("/login").headers["location"])
        assert isinstance(back, str) and back.startswith(CALLBACK + "?")
        assert browser.get(back).json()["sub"] == once["sub"]
        assert party.token["userinfo"]["auth_time"] == once["auth_time"]


def test_refused_consent_comes_back_as_access_denied(house: House) -> None:
    party, person = RelyingParty(house, house.add_client("Authlib refused", CALLBACK)), visitor(house)
    house.add_user(person.email, "Grace Hopper", PASSWORD)
    with party.running() as browser:
        back = person.authorize(browser.get("/login").headers["location"], approve=False)
        answer = browser.get(back)
        assert (answer.status_code, answer.json()) == (403, {"error": "access_denied"})


def test_a_wrong_secret_is_refused(house: House) -> None:
    client = house.add_client("Authlib wrong", CALLBACK)
    answer = httpx2.post(
        f"{house.issuer}/oauth2/token",
        data={"grant_type": "refresh_token", "refresh_token": "nothing"},
        auth=(client["client_id"], "not-the-secret"),
    )
    # RFC 6749 §5.2: a client that tried HTTP Basic is told so in the same terms.
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")
