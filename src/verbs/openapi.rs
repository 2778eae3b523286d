//! `openapi`: the description of every endpoint, as this version answers it.

use doorward::openapi::{document, document_yaml};

use super::{Failure, Global, print};

/// YAML as the file `openapi.yaml` holds it, or the same in JSON.
pub fn run(global: &Global) -> Result<(), Failure> {
    if global.json {
        return print::json(&document());
    }
    print::say(document_yaml().trim_end());
    Ok(())
}
