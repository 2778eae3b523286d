//! Suite: a Doorward as the exam wants it, a person who holds every claim, and the suite's server.

use std::fs;

use doorward::accounts::operate::{self, Wanted};
use entity::value::{Address, Profile, Role, StandardClaims};

use super::web::Web;
use crate::support::{browser::Browser, database::Database, folder::Folder, house::House};

/// The person who signs in.
pub const EMAIL: &str = "buffy@op.example";
pub const PASSWORD: &str = "nine lanterns over the canal";

/// The provider and everything around it.
pub struct Suite {
    pub house: House,
    pub web: Web,
    _folder: Folder,
}

impl Suite {
    /// With the settings that the guide to certification names.
    pub async fn begin() -> Self {
        let web = Web::start().await;
        let folder = Folder::new();
        let authority = folder.path().join("suite.pem");
        fs::write(&authority, &web.authority).expect("a file");
        let house = House::with(Database::sqlite().await, |config| {
            config.server.issuer = "https://op.example".to_owned();
            config.development = false;
            config.registration.enabled = true;
            config.registration.open = true;
            config.registration.profile = Profile::Oidc;
            config.features.implicit_and_hybrid = true;
            config.features.unsigned_request_objects = true;
            config.features.request_uri = true;
            config.fetch.private_origins = vec![web.base.clone()];
            config.fetch.ca_file = Some(authority);
        })
        .await;
        let wanted = Wanted {
            email: EMAIL,
            name: "Buffy Summers",
            password: Some(PASSWORD),
            email_verified: true,
            role: Role::User,
            claims: Some(&every_claim()),
            image: Some("https://people.example/buffy.png"),
        };
        operate::add(&house.app, wanted).await.expect("a new user");
        Self {
            house,
            web,
            _folder: folder,
        }
    }

    pub fn browser(&self) -> Browser<'_> {
        self.house.browser()
    }

    /// The metadata document.
    pub async fn metadata(&self) -> serde_json::Value {
        self.house.get(doorward::paths::DISCOVERY_OPENID).await.ok()
    }
}

fn every_claim() -> StandardClaims {
    let some = |text: &str| Some(text.to_owned());
    StandardClaims {
        given_name: some("Buffy"),
        family_name: some("Summers"),
        middle_name: some("Anne"),
        nickname: some("Buff"),
        preferred_username: some("buffy"),
        profile: some("https://people.example/buffy"),
        website: some("https://buffy.example/"),
        gender: some("female"),
        birthdate: some("1981-01-19"),
        zoneinfo: some("America/Los_Angeles"),
        locale: some("en-US"),
        phone_number: some("+1 202 555 0123"),
        phone_number_verified: Some(true),
        address: Some(Address {
            formatted: some("1630 Revello Drive\nSunnydale"),
            street_address: some("1630 Revello Drive"),
            locality: some("Sunnydale"),
            region: some("CA"),
            postal_code: some("95037"),
            country: some("USA"),
        }),
    }
}
