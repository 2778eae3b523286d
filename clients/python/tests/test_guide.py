"""Owns: that the documents say what is so: their code stands in files that are tested, their commands run."""

import re
import shlex
from pathlib import Path

import pytest
from conftest import bearer, serving
from doorward_fastapi import Auth
from doorward_fastapi.testing import LocalIssuer
from house import House
from people import backend, people
from sqlalchemy import text

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs/fastapi.md").read_text()
README = (ROOT / "clients/python/README.md").read_text()


def blocks(document: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", document, re.MULTILINE | re.DOTALL)


def test_the_guides_code_stands_in_files_that_are_tested() -> None:
    tested = [path.read_text() for path in (Path(__file__).parent / "guide").glob("*.py")]
    found = blocks(GUIDE, "python")
    assert len(found) == 3
    for block in found:
        assert any(block in source for source in tested), block


async def test_the_readmes_code_runs() -> None:
    [block] = blocks(README, "python")
    made: dict[str, object] = {}
    exec(block, made)  # noqa: S102 - it is ours
    issuer = LocalIssuer("https://id.example.com", "https://api.example.com")
    auth, app = made["auth"], made["app"]
    assert isinstance(auth, Auth)
    auth.reach(issuer.transport())
    async with serving(auth, app) as service:  # type: ignore[arg-type]
        assert (await service.get("/whoami", headers=bearer(issuer.token("ada")))).json() == "ada"
        assert (await service.post("/orders", headers=bearer(issuer.token("ada")))).status_code == 403


def test_the_guides_commands_run(house: House) -> None:
    lines = [line for block in blocks(GUIDE, "sh") for line in block.splitlines() if line.startswith("doorward ")]
    assert len(lines) == 2
    for line in lines:
        assert house.run(*shlex.split(line)[1:])["client_id"]


async def test_the_guides_statements_make_an_existing_table_fit(database_url: str, issuer: LocalIssuer) -> None:
    [statements] = blocks(GUIDE, "sql")
    async with backend(database_url, "async") as data:
        async with data.engine.begin() as connection:
            for name in ("orders", "users", "removed_users"):
                await connection.execute(text(f"DROP TABLE {name}"))
            number = "serial" if "postgres" in database_url else "integer"
            await connection.execute(
                text(
                    f"CREATE TABLE users (id {number} PRIMARY KEY, email text UNIQUE NOT NULL, full_name text,"
                    " password_hash text NOT NULL)"
                )
            )
            await connection.execute(text("INSERT INTO users (email, password_hash) VALUES ('ada@example.com', 'x')"))
            for statement in statements.split(";"):
                if statement.strip():
                    await connection.execute(text(statement))
        auth = Auth(issuer.issuer, users=data.users(link_by_email=True), transport=issuer.transport())
        async with people(auth, data) as service:
            old = issuer.bearer("ada", email="ada@example.com", email_verified=True)
            new = issuer.bearer("bob", email="bob@example.com", email_verified=True)
            assert [(await service.get("/me", headers=headers)).status_code for headers in (old, new)] == [200, 200]
        assert [row.better_auth_id for row in await data.rows()] == ["ada", "bob"]


def test_the_guide_says_how_often_the_issuer_is_asked() -> None:
    from doorward_fastapi import keys

    assert (keys.MOST_AT_ONCE, keys.ONE_EVERY, keys.STALE_FOR) == (20, 3.0, 86_400.0)
    assert "twenty times at once\nand then once in three seconds" in GUIDE
