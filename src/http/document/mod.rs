//! The OpenAPI document of all doors, made from the doors. It holds nothing of one installation, so
//! that it can be made without one.

mod claims;
mod complete;
mod door;

use std::{collections::HashMap, marker::PhantomData, sync::LazyLock};

use poem::{endpoint::BoxEndpoint, http::Method};
use poem_openapi::{
    OpenApi, OpenApiService,
    registry::{MetaApi, Registry},
};
use serde_json::Value;

use super::{admin, api, oauth};
use crate::app::App;
pub use door::Door;

const DESCRIPTION: &str = "An OpenID Provider in one binary. The protocol's endpoints speak OAuth \
    2.x and OpenID Connect; their errors are those of RFC 6749. The endpoints under /api are for \
    browsers and apps; their errors are problem details (RFC 9457). Every answer carries the id of \
    its request in X-Request-Id.";

/// The document.
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        let doors = (
            described(oauth::called_doors),
            described(oauth::visited_doors),
            described(oauth::public_doors),
            described(api::doors),
            described(admin::doors),
            Described::<Door>(PhantomData),
        );
        let service = OpenApiService::new(doors, "Doorward", env!("CARGO_PKG_VERSION"))
            .description(DESCRIPTION)
            .license(env!("CARGO_PKG_LICENSE"))
            .server("/");
        // What a serializer wrote is JSON.
        let mut document = serde_json::from_str(&service.spec()).unwrap_or_default();
        complete::complete(&mut document);
        document
    });
    &DOCUMENT
}

/// The document as YAML, the same bytes each time.
pub fn yaml() -> &'static str {
    static YAML: LazyLock<String> =
        LazyLock::new(|| serde_yaml::to_string(document()).unwrap_or_default());
    &YAML
}

/// Doors of which only the description is wanted.
struct Described<D>(PhantomData<fn() -> D>);

/// The doors that `make` would make, if it had an app.
fn described<D: OpenApi>(_make: impl FnOnce(&App) -> D) -> Described<D> {
    Described(PhantomData)
}

impl<D: OpenApi> OpenApi for Described<D> {
    fn meta() -> Vec<MetaApi> {
        D::meta()
    }

    fn register(registry: &mut Registry) {
        D::register(registry);
    }

    /// A description answers nothing.
    fn add_routes(self, _: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {}
}
