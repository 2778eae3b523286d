"""Owns: what the service is told from outside, and the defaults that fit `cargo run` on the same machine."""

import os
from dataclasses import dataclass
from typing import Literal


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

    docs_scheme: Literal["oauth2", "openIdConnect"] = "oauth2"
    """What the OpenAPI document names: the two endpoints that /docs needs, or Doorward's discovery document."""

    logout_client_ids: tuple[str, ...] = ()
    """The clients whose sign-outs are told here: those with our /backchannel-logout as `backchannel_logout_uri`."""

    front_end_origins: tuple[str, ...] = ()
    """Origins of pages whose scripts may call this service from a browser, such as http://localhost:3000."""

    sync_full_name: bool = False
    """Whether `full_name` follows Doorward's `name`. Otherwise it is ours from the first sight on."""

    link_by_email: bool = False
    """Whether a row from before (`better_auth_id` NULL) becomes the one of whoever has proven its address."""

    unproven_email: bool = False
    """Whether a newcomer who has not proven their address gets a row all the same, and so keeps it from its owner."""

    @classmethod
    def from_environment(cls) -> "Settings":
        issuer = os.environ.get("DOORWARD_ISSUER", cls.issuer)
        return cls(
            issuer=issuer,
            audience=os.environ.get("AUDIENCE", issuer),
            database_url=os.environ.get("DATABASE_URL", cls.database_url),
            docs_client_id=os.environ.get("DOCS_CLIENT_ID", cls.docs_client_id),
            docs_scheme="openIdConnect" if os.environ.get("DOCS_SCHEME") == "openIdConnect" else cls.docs_scheme,
            logout_client_ids=tuple(os.environ.get("LOGOUT_CLIENT_IDS", "").split()),
            front_end_origins=tuple(os.environ.get("FRONT_END_ORIGIN", "").split()),
            sync_full_name=os.environ.get("FULL_NAME", "kept") == "synced",
            link_by_email=os.environ.get("LINK_BY_EMAIL", "no") == "yes",
            unproven_email=os.environ.get("UNPROVEN_EMAIL", "no") == "yes",
        )
