"""Owns: what the service does while Doorward is away, and when it comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from app.settings import Settings
from conftest import CALLBACK, bearer, serving, sign_in
from house import House

pytestmark = pytest.mark.anyio


@pytest.fixture
def frail(tmp_path: Path) -> Iterator[tuple[House, Settings]]:
    """A Doorward of this test's own, to be stopped and started."""
    with House() as house:
        house.client = house.add_client("FastAPI example", CALLBACK, public=True)
        yield house, Settings(house.issuer, house.issuer, f"sqlite+aiosqlite:///{tmp_path}/example.db")


async def test_known_keys_keep_serving(frail: tuple[House, Settings]) -> None:
    house, settings = frail
    known, unseen = sign_in(house), sign_in(house)
    async with serving(settings) as service:
        here = await service.get("/me", headers=bearer(known.access_token))
        assert here.status_code == 200
        house.stop()
        assert (await service.get("/me", headers=bearer(known.access_token))).json() == here.json()
        # Someone never seen cannot be told apart from someone else without userinfo: come back later.
        answer = await service.get("/me", headers=bearer(unseen.access_token))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        # A token that is plainly bad stays the caller's fault.
        assert (await service.get("/me", headers=bearer("opaque"))).status_code == 401
        house.start()
        assert (await service.get("/me", headers=bearer(unseen.access_token))).status_code == 200


async def test_a_cold_start_answers_503_until_doorward_is_back(frail: tuple[House, Settings]) -> None:
    house, settings = frail
    token = sign_in(house).access_token
    house.stop()
    async with serving(settings) as service:
        answer = await service.get("/me", headers=bearer(token))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "www-authenticate" not in answer.headers
        house.start()
        assert (await service.get("/me", headers=bearer(token))).status_code == 200


async def test_another_issuers_document_is_not_believed(frail: tuple[House, Settings]) -> None:
    house, settings = frail
    token = sign_in(house).access_token
    # The same server under another name: its document names an issuer that this one is not (Discovery §4.3).
    elsewhere = Settings(f"http://127.0.0.1:{house.port}", house.issuer, settings.database_url)
    async with serving(elsewhere) as service:
        assert (await service.get("/me", headers=bearer(token))).status_code == 503
