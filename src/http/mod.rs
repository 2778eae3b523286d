//! The doors: HTTP and nothing else. Which area answers which path, and what surrounds them all.

pub mod api;
pub mod document;
pub mod health;
pub mod kit;
pub mod oauth;
pub mod pages;

use std::collections::HashMap;

use poem::{Endpoint, EndpointExt, IntoEndpoint, Response, Route, endpoint::BoxEndpoint};
use poem_openapi::{OpenApi, OpenApiService};

use crate::{app::App, paths};
use kit::{
    area::{Area, Face},
    cors::{Allowed, Cors},
    headers::Headers,
    oauth_error, page_error, problem,
    trace::Trace,
};

/// Everything that this server answers.
pub fn routes(app: App) -> impl Endpoint<Output = Response> {
    let routes = Route::new()
        .nest_no_strip("/oauth2", oauth2(&app))
        .nest_no_strip("/.well-known", public(&app))
        .nest_no_strip(paths::API, api(&app))
        .at(
            paths::CHANGE_PASSWORD,
            in_pages(&app, pages::change_password(&app)),
        )
        .at("/livez", health::livez())
        .at("/readyz", health::readyz(app.clone()))
        .nest_no_strip("/", in_pages(&app, pages::routes(&app)));
    let headers = Headers {
        app: app.clone(),
        inner: routes.map_to_response(),
    };
    Trace {
        app,
        inner: headers,
    }
}

/// The area of the pages.
fn in_pages<E: Endpoint<Output = Response>>(app: &App, inner: E) -> Area<E> {
    Area {
        app: app.clone(),
        face: page_error::face,
        methods: HashMap::new(),
        inner,
    }
}

/// The protocol's endpoints. The keys are for everybody; the authorization endpoint and logout are
/// visited, not called, and no page of another origin may read them (RFC 9700 §2.6). Introspection
/// is for servers: a page has no secret with which to ask.
fn oauth2(app: &App) -> BoxEndpoint<'static, Response> {
    let called = area(app, oauth_error::face, oauth::called_doors(app));
    let routes = Route::new()
        .at(paths::JWKS, public(app))
        .at(
            paths::AUTHORIZE,
            area(app, page_error::face, oauth::visited_doors(app)),
        )
        .at(
            paths::END_SESSION,
            area(app, page_error::face, oauth::visited_doors(app)),
        )
        .at(
            paths::INTROSPECT,
            area(app, oauth_error::face, oauth::called_doors(app)),
        )
        .at(
            "/oauth2/*rest",
            Cors {
                app: app.clone(),
                allowed: Allowed::Registered,
                inner: called,
            },
        )
        .map_to_response();
    // For what comes to no door at all.
    Area {
        app: app.clone(),
        face: oauth_error::face,
        methods: HashMap::new(),
        inner: routes,
    }
    .boxed()
}

fn public(app: &App) -> BoxEndpoint<'static, Response> {
    let inner = area(app, oauth_error::face, oauth::public_doors(app));
    Cors {
        app: app.clone(),
        allowed: Allowed::Everybody,
        inner,
    }
    .boxed()
}

/// The JSON API. No page of another origin may call it; the document is for everybody.
fn api(app: &App) -> BoxEndpoint<'static, Response> {
    let (doors, document) = (api::doors(app), document::Door::open());
    let methods = methods(&doors).into_iter().chain(methods(&document));
    let routes = Route::new()
        .at(paths::API_DOCS, pages::api_docs(app))
        .at(
            paths::API_DOCUMENT,
            Cors {
                app: app.clone(),
                allowed: Allowed::Everybody,
                inner: service(document),
            },
        )
        .at(
            "/api/*rest",
            api::guard::Guard {
                app: app.clone(),
                inner: service(doors),
            },
        );
    Area {
        app: app.clone(),
        face: problem::face,
        methods: methods.collect(),
        inner: routes.map_to_response(),
    }
    .boxed()
}

/// Doors behind the face of their area.
fn area<D: OpenApi + 'static>(app: &App, face: Face, doors: D) -> BoxEndpoint<'static, Response> {
    Area {
        app: app.clone(),
        face,
        methods: methods(&doors),
        inner: service(doors),
    }
    .boxed()
}

fn service<D: OpenApi + 'static>(doors: D) -> impl Endpoint<Output = Response> {
    OpenApiService::new(doors, "", "")
        .into_endpoint()
        .map_to_response()
}

/// What each path of some doors takes.
fn methods<D: OpenApi>(_: &D) -> HashMap<String, String> {
    let paths = D::meta().into_iter().flat_map(|api| api.paths);
    let methods = paths.map(|path| {
        let taken: Vec<_> = path
            .operations
            .iter()
            .map(|one| one.method.as_str())
            .collect();
        (path.path, taken.join(", "))
    });
    methods.collect()
}
