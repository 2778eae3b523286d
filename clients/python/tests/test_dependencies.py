"""Owns: what a route can ask for, what each request without it is told, and what the document says about it."""

import httpx2
import pytest
from conftest import bearer, challenge, invalid, serving
from doorward_fastapi import Auth, CurrentToken, Problem, require_scopes
from doorward_fastapi.testing import LocalIssuer
from fastapi import FastAPI

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("header", [None, "", "Basic YTpi", "bearertoken", "DPoP abc"])
async def test_no_token_gets_the_bare_challenge(service: httpx2.AsyncClient, header: str | None) -> None:
    answer = await service.get("/token", headers={} if header is None else {"Authorization": header})
    assert challenge(answer) == (401, "Bearer")
    assert answer.json() == {"error": "unauthenticated", "detail": "Sign in first."}


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer two words", "bearer \u00e9"])
async def test_a_header_that_means_to_hold_a_token_and_does_not_is_an_invalid_request(
    service: httpx2.AsyncClient, header: str
) -> None:
    answer = await service.get("/token", headers={"Authorization": header.encode()})
    why = "The Authorization header must be: Bearer, one space, the token."
    assert challenge(answer) == (400, f'Bearer error="invalid_request", error_description="{why}"')


async def test_two_headers_are_an_invalid_request(service: httpx2.AsyncClient, issuer: LocalIssuer) -> None:
    token = ("Authorization", f"Bearer {issuer.token()}")
    assert (await service.get("/token", headers=[token, token])).status_code == 400


async def test_a_token_anywhere_else_is_no_token(service: httpx2.AsyncClient, issuer: LocalIssuer) -> None:
    # RFC 6750 §5.3: in an address it would be in logs and histories.
    answer = await service.get("/token", params={"access_token": issuer.token()})
    assert challenge(answer) == (401, "Bearer")


async def test_a_token_says_who_and_what(service: httpx2.AsyncClient, issuer: LocalIssuer) -> None:
    answer = await service.get("/token", headers=issuer.bearer("ada", scope="openid orders:read"))
    assert answer.json() == {"sub": "ada", "client_id": "test-client", "scopes": ["openid", "orders:read"]}


async def test_a_token_without_any_scope_is_a_token(service: httpx2.AsyncClient, issuer: LocalIssuer) -> None:
    token = issuer.token(scope=None)  # type: ignore[arg-type]
    assert (await service.get("/token", headers=bearer(token))).json()["scopes"] == []


async def test_optional_is_nobody_or_somebody_and_never_a_bad_token(
    service: httpx2.AsyncClient, issuer: LocalIssuer
) -> None:
    assert (await service.get("/optional")).json() is None
    assert (await service.get("/optional", headers=issuer.bearer("ada"))).json() == "ada"
    assert challenge(await service.get("/optional", headers=bearer("opaque"))) == invalid("The token is not a JWT.")


@pytest.mark.parametrize(
    ("method", "granted", "missing"),
    [
        ("GET", "orders:read", None),
        ("GET", "orders:write", "orders:read"),
        ("GET", "orders:readers", "orders:read"),
        ("POST", "orders:write", None),
        ("POST", "orders:read", "orders:write"),
        ("DELETE", "orders:read orders:write", None),
        ("DELETE", "orders:read", "orders:write"),
        ("DELETE", "orders:write", "orders:read"),
    ],
)
async def test_what_was_not_granted_is_named(
    service: httpx2.AsyncClient, issuer: LocalIssuer, method: str, granted: str, missing: str | None
) -> None:
    answer = await service.request(method, "/orders", headers=issuer.bearer(scope=granted))
    if missing is None:
        assert answer.status_code == 200
        return
    why = f"This needs the scope {missing}."
    told = f'Bearer error="insufficient_scope", error_description="{why}", scope="{missing}"'
    assert challenge(answer) == (403, told)
    assert answer.json() == {"error": "insufficient_scope", "detail": why}


async def test_without_a_token_scopes_are_no_matter(service: httpx2.AsyncClient) -> None:
    assert challenge(await service.get("/orders")) == (401, "Bearer")


@pytest.mark.parametrize("scope", ["", "two words", 'a"b', "a\\b", "é"])
def test_what_cannot_be_a_scope_is_refused_when_the_service_is_written(scope: str) -> None:
    with pytest.raises(ValueError, match="cannot be a scope"):
        require_scopes(scope)


@pytest.mark.parametrize(
    ("wrong", "how"),
    [
        ("issuer", {"issuer": "http://id.example.com"}),
        ("issuer", {"issuer": "id.example.com"}),
        ("audience", {"issuer": "https://id.example.com", "audience": ""}),
        ("audience", {"issuer": "https://id.example.com", "audience": []}),
        ("Algorithms", {"issuer": "https://id.example.com", "algorithms": ["HS256"]}),
        ("Algorithms", {"issuer": "https://id.example.com", "algorithms": ["none"]}),
        ("leeway", {"issuer": "https://id.example.com", "leeway": 3600}),
    ],
)
def test_a_setting_that_cannot_be_is_refused_when_the_service_is_written(wrong: str, how: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=wrong):
        Auth(**how)  # type: ignore[arg-type]


async def test_an_application_that_was_not_set_up_says_so() -> None:
    app = FastAPI()

    @app.get("/token")
    async def token(token: CurrentToken) -> str:
        return token.subject

    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://api") as client:
        with pytest.raises(RuntimeError, match="auth.install"):
            await client.get("/token", headers=bearer("anything"))


async def test_several_audiences_are_ours(issuer: LocalIssuer) -> None:
    auth = Auth(issuer.issuer, ["https://a.example", "https://b.example"], transport=issuer.transport())
    async with serving(auth) as service:
        for aud in ("https://a.example", ["https://b.example", "https://c.example"]):
            assert (await service.get("/token", headers=issuer.bearer(aud=aud))).status_code == 200
        refused = await service.get("/token", headers=issuer.bearer(aud=["https://c.example"]))
        assert challenge(refused) == invalid("The token is for another audience.")


async def test_two_applications_in_one_process_trust_each_its_own_issuer() -> None:
    one, other = LocalIssuer("https://one.test"), LocalIssuer("https://other.test")
    async with (
        serving(Auth(one.issuer, transport=one.transport())) as first,
        serving(Auth(other.issuer, transport=other.transport())) as second,
    ):
        assert (await first.get("/token", headers=one.bearer())).status_code == 200
        assert (await second.get("/token", headers=other.bearer())).status_code == 200
        assert (await first.get("/token", headers=other.bearer())).status_code == 401
        for service, own in ((first, one), (second, other)):
            schemes = (await service.get("/openapi.json")).json()["components"]["securitySchemes"]
            flow = schemes["Doorward"]["flows"]["authorizationCode"]
            assert flow["tokenUrl"] == f"{own.issuer}/oauth2/token"


async def test_the_document_says_how_to_sign_in_and_which_scopes_a_route_needs(auth: Auth) -> None:
    async with serving(auth, scopes={"openid": "Know who you are", "orders:read": "See orders"}) as service:
        document = (await service.get("/openapi.json")).json()
    scheme = document["components"]["securitySchemes"]["Doorward"]
    assert scheme["type"] == "oauth2"
    assert scheme["flows"]["authorizationCode"]["scopes"]["orders:read"] == "See orders"
    orders = document["paths"]["/orders"]
    assert orders["get"]["security"] == [{"Doorward": ["orders:read"]}]
    assert orders["post"]["security"] == [{"Doorward": ["orders:write"]}]
    assert sorted(orders["delete"]["security"][0]["Doorward"]) == ["orders:read", "orders:write"]
    assert document["paths"]["/token"]["get"]["security"] == [{"Doorward": []}]
    # Nothing of it is in the document twice, as a parameter that somebody would have to fill in.
    assert "parameters" not in orders["get"]


async def test_the_document_can_name_discovery_instead(auth: Auth, issuer: LocalIssuer) -> None:
    async with serving(auth, docs_scheme="openIdConnect") as service:
        scheme = (await service.get("/openapi.json")).json()["components"]["securitySchemes"]["Doorward"]
    url = f"{issuer.issuer}/.well-known/openid-configuration"
    assert scheme == {"type": "openIdConnect", "openIdConnectUrl": url}


async def test_the_authorize_button_asks_with_pkce_and_for_the_audience(issuer: LocalIssuer) -> None:
    auth = Auth(issuer.issuer, "https://api.example.com", transport=issuer.transport())
    async with serving(auth, docs_client_id="docs") as service:
        page = (await service.get("/docs")).text
        assert service.app.swagger_ui_init_oauth == {
            "clientId": "docs",
            "scopes": "openid profile email",
            "usePkceWithAuthorizationCodeGrant": True,
            "additionalQueryStringParams": {"resource": "https://api.example.com"},
        }
        assert '"usePkceWithAuthorizationCodeGrant": true' in page


async def test_a_token_is_not_in_what_is_printed(auth: Auth, issuer: LocalIssuer) -> None:
    raw = issuer.token()
    token = await auth.verified(raw)
    assert raw not in f"{token!r} {token}" and "ada" in repr(token)


async def test_a_service_may_answer_refusals_in_its_own_way(auth: Auth) -> None:
    from fastapi.responses import PlainTextResponse
    from service import create_app

    app = create_app(auth)
    app.add_exception_handler(Problem, lambda _, problem: PlainTextResponse("no", problem.status_code))
    async with serving(auth, app) as service:
        answer = await service.get("/token")
        assert (answer.status_code, answer.text) == (401, "no")
