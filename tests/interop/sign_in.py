"""Owns: people who sign in for real: on the hosted pages, with PKCE, as a single-page application would have them do."""

import base64
import hashlib
import secrets
import urllib.parse
from dataclasses import dataclass

import httpx2
from house import House
from visitor import Visitor

CALLBACK = "http://localhost:8125/callback"
PASSWORD = "correct horse battery staple"
NAME = "Ada Lovelace"
ALL = "openid profile email"


@dataclass
class Tokens:
    access_token: str
    id_token: str
    refresh_token: str | None
    email: str
    name: str
    visitor: Visitor
    """The browser that is signed in now."""


def newcomer(house: House, email: str | None = None) -> Visitor:
    """Somebody who has an account with a proven address, and a browser that nobody has used."""
    person = Visitor(house.issuer, email or f"{secrets.token_hex(6)}@example.com", PASSWORD)
    house.add_user(person.email, NAME, PASSWORD)
    return person


def sign_in(
    house: House, scope: str = ALL, *, client: dict | None = None, person: Visitor | None = None, resource: str = ""
) -> Tokens:
    """The tokens of a new person, or of `person`, for `house.client`, or for `client`, which is public too."""
    person = person or newcomer(house)
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"client_id": (client or house.client)["client_id"], "redirect_uri": CALLBACK}
    meant = {"resource": resource} if resource else {}
    code = {"response_type": "code", "scope": scope, "code_challenge": challenge, "code_challenge_method": "S256"}
    back = person.authorize(f"{house.issuer}/oauth2/authorize?{urllib.parse.urlencode(asked | code | meant)}")
    [code] = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["code"]
    grant = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
    answer = httpx2.post(f"{house.issuer}/oauth2/token", data=asked | grant)
    assert answer.status_code == 200, answer.text
    got = answer.json()
    return Tokens(got["access_token"], got["id_token"], got.get("refresh_token"), person.email, NAME, person)
