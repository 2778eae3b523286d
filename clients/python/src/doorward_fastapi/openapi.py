"""Owns: what the OpenAPI document says about signing in, and how Swagger UI's Authorize button does it, with PKCE."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from .bearer import bearer
from .settings import Settings

NAME = "Doorward"
SCOPES = {"openid": "Know who you are", "profile": "Read your name", "email": "Read your e-mail address"}

Scheme = Literal["oauth2", "openIdConnect"]


class Bearer(SecurityBase):
    """What routes depend on. One for all applications: `describe` says in each one's document what it is."""

    def __init__(self) -> None:
        self.model = HTTPBearer(bearerFormat="JWT")
        self.scheme_name = NAME

    async def __call__(self, request: Request) -> str | None:
        return bearer(request.headers.getlist("authorization"))


def scheme(settings: Settings, kind: Scheme, scopes: Mapping[str, str]) -> dict[str, Any]:
    # The document must exist while Doorward is away, so it cannot wait for discovery.
    issuer = settings.issuer.rstrip("/")
    if kind == "openIdConnect":
        return {"type": "openIdConnect", "openIdConnectUrl": f"{issuer}/.well-known/openid-configuration"}
    flow = {
        "authorizationUrl": f"{issuer}/oauth2/authorize",
        "tokenUrl": f"{issuer}/oauth2/token",
        "scopes": dict(scopes),
    }
    return {"type": "oauth2", "flows": {"authorizationCode": flow}}


def describe(app: FastAPI, said: dict[str, Any]) -> None:
    """Puts the scheme into the document of this application, whenever it is made."""
    made: Callable[[], dict[str, Any]] = app.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        schemes = document.get("components", {}).get("securitySchemes", {})
        if NAME in schemes:
            schemes[NAME] = said
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def authorize_button(
    app: FastAPI, settings: Settings, client_id: str, scopes: Mapping[str, str], resource: str | None
) -> None:
    """How the docs page signs in: as a public client, which is what a page in a browser can be."""
    init: dict[str, Any] = {
        "clientId": client_id,
        "scopes": " ".join(scopes),
        "usePkceWithAuthorizationCodeGrant": True,
    }
    if resource is not None:
        init["additionalQueryStringParams"] = {"resource": resource}
    app.swagger_ui_init_oauth = init
