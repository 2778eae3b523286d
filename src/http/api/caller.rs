//! Who calls: a browser, by the session cookie that the hosted pages set too; or, where the operator
//! allows it, an app that shows the same secret as a bearer token.

use poem::{Request, RequestBody, Result, http::header};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};
use sea_orm::DbErr;

use crate::{
    app::App,
    crypto::secret::SecretKind,
    http::kit::{
        cookies::Cookie,
        problem::{Code, Problem},
        visitor::Visitor,
    },
    sessions::SignedIn,
};

/// The name of the cookie's scheme in the document.
const SCHEME: &str = "session";

/// The caller of a door. The door of a `Caller<true>` is for people who are signed in.
#[derive(Debug)]
pub struct Caller<'a, const SIGNED_IN: bool>(&'a Request);

/// Somebody who is signed in, and the browser in which they are.
#[derive(Debug)]
pub struct Person {
    pub signed_in: SignedIn,
    pub visitor: Visitor,
}

impl Caller<'_, true> {
    /// The person, or 401.
    pub async fn person(&self, app: &App) -> Result<Person, Problem> {
        let visitor = self.seen(app).await?;
        match visitor.signed_in.clone() {
            Some(signed_in) => Ok(Person { signed_in, visitor }),
            None => Err(Code::Unauthorized.into()),
        }
    }
}

impl Caller<'_, false> {
    pub async fn visitor(&self, app: &App) -> Result<Visitor, DbErr> {
        self.seen(app).await
    }

    /// Whether the browser holds a session cookie, of whatever worth.
    pub fn has_cookie(&self, app: &App) -> bool {
        Cookie::Session.read(app, self.0).is_some()
    }
}

impl<const SIGNED_IN: bool> Caller<'_, SIGNED_IN> {
    async fn seen(&self, app: &App) -> Result<Visitor, DbErr> {
        match self.bearer(app) {
            Some(secret) => Visitor::by(app, self.0, Some(secret)).await,
            None => Visitor::of(app, self.0).await,
        }
    }

    /// The secret of a session in the `Authorization` header. What is none is not an error: it may be
    /// for somebody else on the way.
    fn bearer(&self, app: &App) -> Option<&str> {
        if !app.config.api.bearer {
            return None;
        }
        let value = self.0.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, secret) = value.split_once(' ')?;
        let secret = secret.trim();
        let is_one = app.secrets.digest(SecretKind::Session, secret).is_some();
        (scheme.eq_ignore_ascii_case("bearer") && is_one).then_some(secret)
    }
}

impl<'a, const SIGNED_IN: bool> ApiExtractor<'a> for Caller<'a, SIGNED_IN> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = MetaSecurityScheme {
            ty: "apiKey",
            description: Some(
                "The cookie that signing in sets. On `http://localhost` its name has no `__Host-` \
                 in front. Where `api.bearer` is on, the value of `set-auth-token` as a bearer token \
                 does the same.",
            ),
            name: Some("__Host-doorward_session"),
            key_in: Some("cookie"),
            scheme: None,
            bearer_format: None,
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(SCHEME, scheme);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    fn has_security_fallback() -> bool {
        !SIGNED_IN
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        Ok(Self(request))
    }
}
