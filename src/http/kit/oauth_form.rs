//! A form at an OAuth door: parameters once each, and a typed request beside them. Reading never
//! fails by itself, so that the door can answer in the words of RFC 6749.

use std::{fmt, marker::PhantomData, sync::Arc};

use poem::{Request, RequestBody, Result, http::header};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, Registry},
    types::{ParseFromJSON, Type},
};
use serde_json::Value;

use super::{
    body::{self, FormError},
    certificate,
    client_ip::Way,
    oauth_error::OauthFailure,
};
use crate::{
    app::App,
    clients::authenticate::{self, Authorization, Presented},
    crypto::certificate::Certificate,
    oauth::{error::OauthError, params::Params},
};

/// The form as it came; `T` is what the document says it holds.
pub struct OauthForm<T> {
    params: Result<Params, FormError>,
    authorization: Authorization,
    /// The path of the endpoint.
    endpoint: String,
    way: Way,
    certificate: Option<Arc<Certificate>>,
    kind: PhantomData<fn() -> T>,
}

impl<T: ParseFromJSON> OauthForm<T> {
    /// The parameters, each sent once (RFC 6749 §3.2).
    pub fn params(&self) -> Result<&Params, OauthFailure> {
        match &self.params {
            Ok(params) => {
                params.refuse_repeated()?;
                Ok(params)
            }
            Err(error) => Err(match error {
                FormError::TooLong => FormError::TooLong.into(),
                error => OauthError::invalid_request(error.to_string()).into(),
            }),
        }
    }

    /// The parameters with any repetition still in them, for an endpoint that tells a person.
    pub fn raw(&self) -> Result<&Params, &FormError> {
        self.params.as_ref()
    }

    /// The client that the request proves to come from.
    pub async fn client(&self, app: &App) -> Result<entity::client::Model, OauthFailure> {
        let params = self.params()?;
        let presented = Presented {
            endpoint: &self.endpoint,
            authorization: &self.authorization,
            params,
            certificate: self.certificate.as_deref(),
            ip: self.way.client_ip(app),
        };
        Ok(authenticate::authenticate(app, presented).await?)
    }

    /// The typed request. A field that is sent empty is there, and empty.
    pub fn request(&self) -> Result<T, OauthFailure> {
        let params = self.params()?;
        let value = |name: &str, first: &str| match Params::is_repeatable(name) {
            true => params.all(name).collect(),
            false => Value::from(first),
        };
        let json = params
            .iter()
            .map(|(name, first)| (name.to_owned(), value(name, first)))
            .collect();
        T::parse_from_json(Some(Value::Object(json))).map_err(|_| {
            OauthError::invalid_request("a parameter is missing or not well formed").into()
        })
    }
}

/// The `Authorization` header.
pub fn authorization(request: &Request) -> Authorization {
    let mut all = request.headers().get_all(header::AUTHORIZATION).iter();
    match (all.next(), all.next()) {
        (None, _) => Authorization::Absent,
        (Some(one), None) => match one.to_str() {
            Ok(text) => Authorization::One(text.to_owned()),
            Err(_) => Authorization::Unclear,
        },
        (Some(_), Some(_)) => Authorization::Unclear,
    }
}

impl<T> fmt::Debug for OauthForm<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OauthForm(…)")
    }
}

impl<'a, T: Type> ApiExtractor<'a> for OauthForm<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: "application/x-www-form-urlencoded",
                schema: T::schema_ref(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        Ok(Self {
            params: body::form(request, body).await,
            authorization: authorization(request),
            endpoint: request.original_uri().path().to_owned(),
            way: Way::of(request),
            certificate: certificate::of(request),
            kind: PhantomData,
        })
    }
}
