"""Owns: an empty database of each kind for a Python test; PostgreSQL where DOORWARD_TEST_POSTGRES names a server."""

import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/example.db"


@pytest.fixture(params=["sqlite", "postgres"])
async def database_url(request: pytest.FixtureRequest, sqlite_url: str) -> AsyncIterator[str]:
    """SQLAlchemy's async URL of it. `make` starts the PostgreSQL."""
    if request.param == "sqlite":
        yield sqlite_url
        return
    server = os.environ.get("DOORWARD_TEST_POSTGRES")
    if not server:
        pytest.skip("DOORWARD_TEST_POSTGRES is not set")
    server, name = server.replace("postgres://", "postgresql+asyncpg://", 1), f"example_{secrets.token_hex(6)}"
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
        yield server.rsplit("/", 1)[0] + f"/{name}"
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await engine.dispose()
