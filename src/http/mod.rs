//! The doors: HTTP and nothing else. Which area answers which path, and what surrounds them all.

pub mod admin;
pub mod api;
pub mod document;
pub mod health;
pub mod kit;
pub mod oauth;
pub mod pages;

use std::collections::HashMap;

use poem::{Endpoint, EndpointExt, IntoEndpoint, Response, Route, endpoint::BoxEndpoint, get};
use poem_openapi::{OpenApi, OpenApiService, registry::MetaPath};

use crate::{app::App, paths};
use kit::{
    area::{Area, Face},
    certificate::Certified,
    cors::{Allowed, Cors},
    dpop::Nonced,
    headers::Headers,
    oauth_error, page_error, problem,
    trace::Trace,
};

/// Everything that this server answers.
pub fn routes(app: App) -> impl Endpoint<Output = Response> {
    let metadata = || readable(&app, oauth::documents::metadata(&app));
    let routes = Route::new()
        .at(paths::JWKS, readable(&app, oauth::documents::keys(&app)))
        .at(paths::DISCOVERY_OPENID, metadata())
        .at(paths::DISCOVERY_OAUTH, metadata())
        .nest_no_strip("/oauth2", certified(&app, oauth2(&app)))
        .nest_no_strip("/.well-known", everybodys(&app, oauth::public_doors(&app)))
        .nest_no_strip(paths::API, api(&app))
        .at(paths::CHANGE_PASSWORD, pages::change_password(&app))
        .at(paths::LIVEZ, get(health::livez()))
        .at(paths::READYZ, get(health::readyz(app.clone())))
        .nest_no_strip("/", pages::routes(&app));
    let area = Area {
        app: app.clone(),
        face,
        methods: methods(&app),
        inner: routes.map_to_response(),
    };
    let headers = Headers {
        app: app.clone(),
        inner: area,
    };
    Trace {
        app,
        inner: headers,
    }
}

/// In which face a path tells of what goes wrong: OAuth errors where clients call, problems in the
/// API, pages where people are.
fn face(path: &str) -> Face {
    let visited = [
        paths::AUTHORIZE,
        paths::END_SESSION,
        paths::API_DOCS,
        paths::CHANGE_PASSWORD,
    ];
    let within = |prefix: &str| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    match () {
        () if visited.contains(&path) => page_error::face,
        () if within("/oauth2") || within("/.well-known") => oauth_error::face,
        () if within(paths::API) => problem::face,
        () => page_error::face,
    }
}

/// The protocol's endpoints. The authorization endpoint and logout are
/// visited, not called, and no page of another origin may read them (RFC 9700 §2.6). Introspection
/// is for servers: a page has no secret with which to ask.
fn oauth2(app: &App) -> BoxEndpoint<'static, Response> {
    Route::new()
        .at(paths::AUTHORIZE, service(oauth::visited_doors(app)))
        .at(paths::END_SESSION, service(oauth::visited_doors(app)))
        .at(paths::INTROSPECT, service(oauth::called_doors(app)))
        .at(
            "/oauth2/*rest",
            Cors {
                app: app.clone(),
                allowed: Allowed::Registered,
                inner: service(oauth::called_doors(app)),
            },
        )
        .map_to_response()
        .boxed()
}

/// Doors to which a client may come with a certificate (RFC 8705) or with the proof of a key
/// (RFC 9449).
fn certified<E: Endpoint<Output = Response>>(app: &App, inner: E) -> Certified<Nonced<E>> {
    Certified {
        app: app.clone(),
        inner: Nonced {
            app: app.clone(),
            inner,
        },
    }
}

/// Doors that pages of every origin may look through.
fn everybodys<D: OpenApi + 'static>(app: &App, doors: D) -> BoxEndpoint<'static, Response> {
    readable(app, service(doors)).boxed()
}

/// What pages of every origin may read.
fn readable<E: Endpoint<Output = Response>>(app: &App, inner: E) -> Cors<E> {
    Cors {
        app: app.clone(),
        allowed: Allowed::Everybody,
        inner,
    }
}

/// The JSON API. No page of another origin may call it; the document is for everybody.
fn api(app: &App) -> BoxEndpoint<'static, Response> {
    let guard = api::guard::Guard {
        app: app.clone(),
        inner: service(api::doors(app)),
    };
    Route::new()
        .at(paths::API_DOCS, pages::api_docs(app))
        .at(paths::API_DOCUMENT, everybodys(app, document::Door::open()))
        .nest_no_strip(paths::API_ADMIN, certified(app, admin_api(app)))
        .at("/api/*rest", guard)
        .map_to_response()
        .boxed()
}

/// The admin API. What is behind the guard is closed to everybody whom it does not know, whether
/// there is a door or not.
fn admin_api(app: &App) -> BoxEndpoint<'static, Response> {
    let guard = admin::guard::Guard {
        app: app.clone(),
        inner: service(admin::doors(app)),
    };
    guard.boxed()
}

fn service<D: OpenApi + 'static>(doors: D) -> impl Endpoint<Output = Response> {
    OpenApiService::new(doors, "", "")
        .into_endpoint()
        .map_to_response()
}

/// What each path takes, for the `Allow` of a 405.
fn methods(app: &App) -> HashMap<String, String> {
    fn of<D: OpenApi>(_: &D) -> Vec<MetaPath> {
        D::meta().into_iter().flat_map(|api| api.paths).collect()
    }
    let doors = [
        of(&oauth::called_doors(app)),
        of(&oauth::visited_doors(app)),
        of(&oauth::public_doors(app)),
        of(&api::doors(app)),
        of(&admin::doors(app)),
        of(&document::Door::open()),
    ];
    let taken = |path: MetaPath| {
        let methods = path.operations.iter().map(|one| one.method.as_str());
        (path.path, methods.collect::<Vec<_>>().join(", "))
    };
    let known = doors.into_iter().flatten().map(taken);
    let looked_at = [paths::LIVEZ, paths::READYZ, paths::STYLE];
    let looked_at = looked_at.map(|path| (path.to_owned(), "GET, HEAD".to_owned()));
    known.chain(looked_at).collect()
}
