"""Owns: the matrix of libraries and faults: what each way of checking makes of each way to be bad."""

import httpx2
import pytest
from conftest import Way, bearer, challenge, invalid, serving
from doorward_fastapi import Auth
from doorward_fastapi.testing import LocalIssuer
from faults import FAULTS
from house import House
from sign_in import CALLBACK, Tokens, newcomer, sign_in
from verifiers import ALGORITHMS, THEIRS, Refused

pytestmark = pytest.mark.anyio

TAKEN_BY = {
    "good": {"PyJWT", "joserfc", "Authlib"},
    # What they leave to whoever uses them, and we do not: RFC 9068 §4 and a name for the key.
    "ID token as access token": {"PyJWT", "joserfc", "Authlib"},
    "missing kid": {"joserfc", "Authlib"},
}

WHY = {
    "wrong aud": "The token is for another audience.",
    "wrong iss": "The token is from another issuer.",
    "ID token as access token": "The token is not of the type that is needed here.",
    "expired": "The token has expired.",
    "future iat": "The token is from the future.",
    "unknown kid": "The token is not signed by a known key.",
    "missing kid": "The token does not name its key.",
    "alg none": "The token is signed in a way that is not accepted.",
    "HS256 signed with the public key": "The token is signed in a way that is not accepted.",
    "opaque string": "The token is not a JWT.",
    "garbage with two dots": "The token is not a JWT.",
}


@pytest.fixture(scope="module", params=ALGORITHMS)
def signer(request: pytest.FixtureRequest) -> LocalIssuer:
    return LocalIssuer(alg=request.param)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("library", THEIRS)
async def test_what_a_library_makes_of_it(signer: LocalIssuer, library: str, fault: str) -> None:
    verifier = THEIRS[library](signer.issuer, signer.issuer, signer.jwks())
    token = FAULTS[fault](signer)
    if library in TAKEN_BY.get(fault, set()):
        assert verifier.check(token)["sub"] == "ada"
    else:
        with pytest.raises(Refused):
            verifier.check(token)


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_we_make_of_it(signer: LocalIssuer, fault: str) -> None:
    async with serving(Auth(signer.issuer, transport=signer.transport())) as service:
        answer = await service.get("/token", headers=bearer(FAULTS[fault](signer)))
    if fault == "good":
        assert (answer.status_code, answer.json()["sub"]) == (200, "ada")
    else:
        assert challenge(answer) == invalid(WHY[fault])
        assert answer.json() == {"error": "invalid_token", "detail": WHY[fault]}


@pytest.fixture(scope="module", params=ALGORITHMS)
def by_doorward(request: pytest.FixtureRequest, house: House) -> Tokens:
    """Real tokens, signed with that algorithm: access token and ID token."""
    algs = ["--access-token-alg", request.param, "--id-token-alg", request.param]
    client = house.run("client", "add", f"By {request.param}", "--redirect", CALLBACK, "--public", *algs)
    return sign_in(house, client=client, person=newcomer(house))


@pytest.mark.parametrize("library", THEIRS)
async def test_doorwards_tokens_are_good_in_every_library(house: House, by_doorward: Tokens, library: str) -> None:
    jwks = httpx2.get(f"{house.issuer}/oauth2/jwks").json()
    verifier = THEIRS[library](house.issuer, house.issuer, jwks)
    assert verifier.check(by_doorward.access_token)["sub"]
    # Doorward's ID tokens are for the client alone, so that here they fail even where nobody looks at `typ`.
    with pytest.raises(Refused):
        verifier.check(by_doorward.id_token)


async def test_doorwards_tokens_are_good_here_and_its_id_tokens_are_not(house: House, by_doorward: Tokens) -> None:
    async with serving(Auth(house.issuer)) as service:
        assert (await service.get("/token", headers=bearer(by_doorward.access_token))).status_code == 200
        refused = await service.get("/token", headers=bearer(by_doorward.id_token))
    assert challenge(refused) == invalid(WHY["ID token as access token"])


STRANGE = {
    "a header nested too deeply": "W" + "1tb" * 4000 + ".e30.e30",
    "too long": "a" * 20_000,
    "no claims": "e30.e30.e30",
    "a header that is a list": "W10.e30.e30",
    "two parts": "a.b",
    "a sentence": "-",
}


@pytest.mark.parametrize("strange", STRANGE)
async def test_no_token_at_all_is_no_failure_of_ours(service: httpx2.AsyncClient, strange: str) -> None:
    answer = await service.get("/token", headers=bearer(STRANGE[strange]))
    assert challenge(answer)[0] == 401
    assert challenge(answer)[1].startswith('Bearer error="invalid_token", error_description="')


UNTRUE = {
    "a subject that is empty": {"sub": ""},
    "a subject that is a number": {"sub": 7},
    "a subject that is missing": {"sub": None},
    "a client that is a list": {"client_id": ["a"]},
    "a scope that is a list": {"scope": ["openid"]},
    "a session that is a list": {"sid": ["a"]},
    "an end that is a word": {"exp": "4102444800"},
    "an end that is true": {"exp": True},
    "no end": {"exp": None},
    "no beginning": {"iat": None},
    "no name": {"jti": None},
    "an audience that is an object": {"aud": {"https://issuer.test": 1}},
    "no audience": {"aud": None},
    "the issuer with a slash": {"iss": "https://issuer.test/"},
    "a key to which it is bound": {"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}},
    "a time before which it is not good": {"nbf": 4102444800},
}


@pytest.mark.parametrize("untrue", UNTRUE)
async def test_a_signed_claim_is_read_strictly(service: httpx2.AsyncClient, issuer: LocalIssuer, untrue: str) -> None:
    answer = await service.get("/token", headers=bearer(issuer.token(**{"sub": "ada"} | UNTRUE[untrue])))
    assert answer.status_code == 401, answer.text


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"crit": ["exp"]}, WHY["opaque string"]),
        ({"crit": ["b64"]}, WHY["opaque string"]),
        ({"typ": None}, WHY["ID token as access token"]),
        ({"typ": "logout+jwt"}, WHY["ID token as access token"]),
        ({"kid": "k" * 300}, WHY["missing kid"]),
    ],
)
async def test_a_header_is_read_strictly(
    service: httpx2.AsyncClient, issuer: LocalIssuer, way: Way, headers: dict[str, object], why: str
) -> None:
    assert (await service.get("/token", headers=bearer(issuer.token()))).status_code == 200
    answer = await service.get("/token", headers=bearer(issuer.token(headers=headers)))
    assert challenge(answer) == invalid(why)
    assert way.count("jwks") == 1, "nothing was asked about a token that cannot be good"


async def test_the_type_may_be_written_out_and_in_capitals(service: httpx2.AsyncClient, issuer: LocalIssuer) -> None:
    for typ in ("AT+JWT", "application/at+jwt"):
        assert (await service.get("/token", headers=bearer(issuer.token(headers={"typ": typ})))).status_code == 200


async def test_an_algorithm_that_the_issuer_does_not_name_is_not_accepted(issuer: LocalIssuer) -> None:
    said = issuer.discovery() | {"id_token_signing_alg_values_supported": ["RS256"]}
    issuer.discovery = lambda: said  # type: ignore[method-assign]
    kid, token = issuer.kid, issuer.token()
    issuer.rotate("RS256")
    async with serving(Auth(issuer.issuer, transport=issuer.transport())) as service:
        assert (await service.get("/token", headers=bearer(issuer.token()))).status_code == 200
        assert kid in {key["kid"] for key in issuer.jwks()["keys"]}
        assert challenge(await service.get("/token", headers=bearer(token))) == invalid(WHY["unknown kid"])


async def test_a_key_serves_the_one_algorithm_that_it_is_published_for(issuer: LocalIssuer) -> None:
    issuer.rotate("RS256")
    issuer.alg = "PS256"  # the same key would verify it
    async with serving(Auth(issuer.issuer, transport=issuer.transport())) as service:
        assert challenge(await service.get("/token", headers=bearer(issuer.token()))) == invalid(WHY["alg none"])


async def test_a_set_with_strange_keys_is_used_as_far_as_it_goes(issuer: LocalIssuer) -> None:
    strange = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": issuer.kid},
        {"kty": "AKP", "kid": "pq"},
        {"kty": "EC", "kid": "x"},
        7,
    ]
    keys = strange + issuer.jwks()["keys"] + [{"kty": "RSA", "n": "AQAB", "e": 3, "kid": "y"}]
    issuer.jwks = lambda: {"keys": keys}  # type: ignore[method-assign]
    async with serving(Auth(issuer.issuer, transport=issuer.transport())) as service:
        assert (await service.get("/token", headers=bearer(issuer.token()))).status_code == 200
