"""Owns: what the service is told from outside, and the defaults that fit `cargo run` on the same machine."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    issuer: str = "http://localhost:8080"
    """Doorward's issuer, byte for byte as it stands in its discovery document: no trailing slash."""

    audience: str = "http://localhost:8080"
    """What `aud` must contain. Doorward's default audience is its issuer."""

    database_url: str = "sqlite+aiosqlite:///./example.db"
    """SQLAlchemy's async URL: SQLite here; postgresql+asyncpg:// works as well (pip install asyncpg)."""

    docs_client_id: str = ""
    """The public client that the Authorize button of /docs signs in with."""

    leeway: float = 30.0
    """Seconds that the clocks of the two machines may differ."""

    @classmethod
    def from_environment(cls) -> "Settings":
        issuer = os.environ.get("DOORWARD_ISSUER", cls.issuer)
        return cls(
            issuer=issuer,
            audience=os.environ.get("AUDIENCE", issuer),
            database_url=os.environ.get("DATABASE_URL", cls.database_url),
            docs_client_id=os.environ.get("DOCS_CLIENT_ID", cls.docs_client_id),
        )
