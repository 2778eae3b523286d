//! The documents that are asked for most, without what stands before the other doors: neither a
//! certificate nor a proof means anything here. The doors of their paths describe them.

use poem::{Endpoint, EndpointExt, Request, Response, endpoint::make_sync, get};

use super::{discovery::Discovery, jwks::Jwks};
use crate::app::App;

/// The keys.
pub fn keys(app: &App) -> impl Endpoint<Output = Response> + use<> {
    let keys = Jwks::new(app);
    get(make_sync(move |request: Request| keys.answer(&request))).map_to_response()
}

/// The metadata, under either of its names.
pub fn metadata(app: &App) -> impl Endpoint<Output = Response> + use<> {
    let metadata = Discovery::new(app);
    get(make_sync(move |request: Request| metadata.answer(&request))).map_to_response()
}
