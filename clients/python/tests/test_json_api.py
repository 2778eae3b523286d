"""Owns: tokens that a front end gets with its cookie, from the JSON API: good for the same routes and people."""

import httpx2
import pytest
from conftest import Way, bearer, challenge, serving
from doorward_fastapi import Auth
from house import House
from people import backend, people
from sign_in import NAME, PASSWORD, Tokens, newcomer, sign_in

pytestmark = pytest.mark.anyio


async def by_cookie(house: House, email: str) -> str:
    """What a page with the JSON API's client does: sign in, and ask for a token."""
    async with httpx2.AsyncClient(base_url=f"{house.issuer}/api/auth", headers={"Origin": house.issuer}) as http:
        done = await http.post("/sign-in/email", json={"email": email, "password": PASSWORD})
        assert done.status_code == 200, done.text
        # By hand: a browser sends secure cookies to localhost, and a client of Python's does not.
        cookies = "; ".join(line.partition(";")[0] for line in done.headers.get_list("set-cookie"))
        answer = await http.get("/token", headers={"Cookie": cookies})
        assert answer.status_code == 200, answer.text
        return answer.json()["token"]


async def test_the_same_person_has_the_same_row_by_either_token(house: House, sqlite_url: str) -> None:
    person = newcomer(house)
    cookie = await by_cookie(house, person.email)
    code: Tokens = sign_in(house, person=person)
    way = Way(httpx2.AsyncHTTPTransport())
    async with backend(sqlite_url, "async") as data:
        async with people(Auth(house.issuer, users=data.users(), transport=way), data) as service:
            first = await service.get("/me", headers=bearer(cookie))
            assert first.status_code == 200, first.text
            assert (first.json()["email"], first.json()["full_name"]) == (person.email, NAME)
            # This one says itself who somebody is, so that nobody is asked.
            assert way.count("userinfo") == 0
            assert (await service.get("/me", headers=bearer(code.access_token))).json() == first.json()


async def test_it_is_checked_like_any_other(house: House) -> None:
    token = await by_cookie(house, newcomer(house).email)
    async with serving(Auth(house.issuer, "https://other.example")) as service:
        assert challenge(await service.get("/token", headers=bearer(token)))[0] == 401
