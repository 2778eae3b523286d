"""Owns: clients of the real Doorward that act for themselves: one that gets tokens, and one that turns keys."""

import httpx2
import jwt
from house import House


class Machine:
    """Gets a new token whenever it wants one."""

    def __init__(self, house: House, name: str, scope: str = "", *words: str) -> None:
        self.url = f"{house.issuer}/oauth2/token"
        scopes = ["--scope", scope] if scope else []
        made = house.run("client", "add", name, "--grant-type", "client-credentials", *scopes, *words)
        self.auth = (made["client_id"], made["client_secret"])
        self.form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})

    async def token(self, http: httpx2.AsyncClient, **form: str) -> str:
        answer = await http.post(self.url, data=self.form | form, auth=self.auth)
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]


class Operator(Machine):
    """One that may turn the keys."""

    def __init__(self, house: House) -> None:
        super().__init__(house, "Operations", "doorward:admin")
        self.issuer = house.issuer

    async def rotate(self, http: httpx2.AsyncClient, **wanted: object) -> None:
        headers = {"Authorization": f"Bearer {await self.token(http, resource=self.issuer)}"}
        done = await http.post(f"{self.issuer}/api/admin/v1/keys/rotate", json=wanted, headers=headers)
        assert done.status_code == 200, done.text


def kid(token: str) -> str:
    return jwt.get_unverified_header(token)["kid"]
