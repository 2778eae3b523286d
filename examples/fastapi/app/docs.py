"""Owns: the page at /docs: Swagger UI from our own files, with an Authorize button that signs in at Doorward."""

from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from fastapi.responses import HTMLResponse
from fastapi.security import OAuth2AuthorizationCodeBearer
from fastapi.staticfiles import StaticFiles

from .settings import Settings

SCOPES = {"openid": "Know who you are", "profile": "Read your name", "email": "Read your e-mail address"}
REDIRECT = "/docs/oauth2-redirect"


def scheme(settings: Settings) -> OAuth2AuthorizationCodeBearer:
    """What the OpenAPI document says about signing in. It checks nothing: tokens.py does."""
    # The document must exist while Doorward is away, so it cannot wait for discovery.
    return OAuth2AuthorizationCodeBearer(
        authorizationUrl=f"{settings.issuer}/oauth2/authorize",
        tokenUrl=f"{settings.issuer}/oauth2/token",
        scopes=SCOPES,
        scheme_name="Doorward",
        auto_error=False,
    )


def install(app: FastAPI, settings: Settings) -> None:
    static = Path(fastapi_offline.__file__).parent / "static"
    app.mount("/docs/static", StaticFiles(directory=static))

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=app.openapi_url,
            title=app.title,
            oauth2_redirect_url=REDIRECT,
            swagger_js_url="/docs/static/swagger-ui-bundle.js",
            swagger_css_url="/docs/static/swagger-ui.css",
            swagger_favicon_url="/docs/static/favicon.png",
            init_oauth={
                "clientId": settings.docs_client_id,
                "scopes": " ".join(SCOPES),
                "usePkceWithAuthorizationCodeGrant": True,
            },
        )

    @app.get(REDIRECT, include_in_schema=False)
    async def redirect() -> HTMLResponse:
        return get_swagger_ui_oauth2_redirect_html()
