//! The flags for what pages show of a client, the same for adding and changing one.

use clap::Args;
use doorward::clients::links::Links;

#[derive(Clone, Debug, Args)]
pub struct LinkFlags {
    /// A picture to show beside its name.
    #[arg(long, value_name = "URL")]
    logo_uri: Option<String>,
    /// Its home page.
    #[arg(long, value_name = "URL")]
    client_uri: Option<String>,
    /// What it does with what it learns about people.
    #[arg(long, value_name = "URL")]
    policy_uri: Option<String>,
    /// Its terms of service.
    #[arg(long, value_name = "URL")]
    tos_uri: Option<String>,
}

impl LinkFlags {
    pub fn links(self) -> Links {
        Links {
            logo_uri: self.logo_uri,
            client_uri: self.client_uri,
            policy_uri: self.policy_uri,
            tos_uri: self.tos_uri,
        }
    }
}
