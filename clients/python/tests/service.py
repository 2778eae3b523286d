"""Owns: the service under test: a route for each thing that a route can ask for."""

from typing import Annotated, Any

from doorward_fastapi import AccessToken, Auth, CurrentToken, OptionalToken, require_scopes
from fastapi import FastAPI, Security


def create_app(auth: Auth, **how: Any) -> FastAPI:
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app, **how)

    @app.get("/token")
    async def token(token: CurrentToken) -> dict[str, Any]:
        return {"sub": token.subject, "client_id": token.client_id, "scopes": sorted(token.scopes)}

    @app.get("/optional")
    async def optional(token: OptionalToken) -> str | None:
        return token.subject if token else None

    @app.get("/orders", dependencies=[require_scopes("orders:read")])
    async def orders() -> str:
        return "orders"

    @app.post("/orders")
    async def order(token: Annotated[AccessToken, Security(auth.require, scopes=["orders:write"])]) -> str:
        return token.subject

    @app.delete("/orders", dependencies=[require_scopes("orders:read")])
    async def cancel(token: Annotated[AccessToken, require_scopes("orders:write")]) -> str:
        return token.subject

    return app
