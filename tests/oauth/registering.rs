//! Registering: a house at which clients register themselves, and one that did.

use std::fs;

use doorward::{config::Config, crypto::secret::random_id, paths};
use entity::{client, value::Profile};
use poem::http::Method;
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use crate::{
    support::{
        answer::Answer, call::Call, database::Database, folder::Folder, house::House, rp::Rp,
    },
    tls::made::Authority,
};

/// What the operator gave to those who may register clients.
pub const TOKEN: &str = "initial.access~token";

/// The errors of RFC 7591 §3.2.2.
pub const METADATA: &str = "invalid_client_metadata";
pub const REDIRECT: &str = "invalid_redirect_uri";

pub const CALLBACK: &str = "https://app.example/cb";

/// A house at which clients register with [`TOKEN`] and live by the profile `oidc`.
pub async fn registering(db: Database) -> House {
    registering_with(db, |_| ()).await
}

pub async fn registering_with(db: Database, change: impl FnOnce(&mut Config)) -> House {
    House::with(db, |config| {
        config.registration.enabled = true;
        config.registration.initial_access_token = Some(SecretString::from(TOKEN));
        config.registration.profile = Profile::Oidc;
        change(config);
    })
    .await
}

/// A registration of these members, without a token.
pub fn unvouched(house: &House, members: &Value) -> Call {
    let body = members.to_string();
    house
        .post(paths::CLIENT_REGISTRATION)
        .body("application/json", body)
}

/// A registration of these members.
pub fn register(house: &House, members: &Value) -> Call {
    unvouched(house, members).bearer(TOKEN)
}

/// What a usual client registers, with these members replaced; null takes out.
pub fn usual(changes: &Value) -> Value {
    let mut members = json!({ "client_name": "My App", "redirect_uris": [CALLBACK] });
    for (name, value) in changes.as_object().expect("members") {
        members[name] = value.clone();
    }
    let members: Map<String, Value> = members.as_object().expect("members").clone();
    Value::Object(
        members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .collect(),
    )
}

/// A client that registered itself.
pub struct Registered<'a> {
    pub house: &'a House,
    /// What it was told.
    pub told: Value,
}

impl<'a> Registered<'a> {
    /// With these members beside the usual ones.
    #[track_caller]
    pub fn from(house: &'a House, answer: &Answer) -> Self {
        answer.is(201);
        Self {
            house,
            told: answer.json(),
        }
    }

    pub async fn new(house: &'a House, changes: &Value) -> Self {
        let answer = register(house, &usual(changes)).await;
        Self::from(house, &answer)
    }

    fn text(&self, name: &str) -> String {
        let text = self.told[name].as_str();
        text.unwrap_or_else(|| panic!("no {name}: {}", self.told))
            .to_owned()
    }

    pub fn id(&self) -> String {
        self.text("client_id")
    }

    pub fn token(&self) -> String {
        self.text("registration_access_token")
    }

    /// A request at its own address, without its token.
    pub fn at_home(&self, method: Method) -> Call {
        managed(self.house, method, &self.id())
    }

    pub async fn read(&self) -> Answer {
        self.at_home(Method::GET).bearer(&self.token()).await
    }

    pub async fn replace(&self, members: &Value) -> Answer {
        self.at_home(Method::PUT)
            .bearer(&self.token())
            .body("application/json", members.to_string())
            .await
    }

    pub async fn remove(&self) -> Answer {
        self.at_home(Method::DELETE).bearer(&self.token()).await
    }

    /// Its row.
    pub async fn row(&self) -> client::Model {
        let row = client::by_client_id(&self.house.app.db.read, &self.id()).await;
        row.expect("a look-up").expect("a client")
    }

    /// The client at work.
    pub fn rp(&self) -> Rp<'a> {
        let redirect_uri = self.told["redirect_uris"][0]
            .as_str()
            .expect("a redirect URI");
        Rp {
            house: self.house,
            client_id: self.id(),
            client_secret: self.told["client_secret"].as_str().map(str::to_owned),
            redirect_uri: redirect_uri.to_owned(),
            state: random_id::<16>(),
            nonce: random_id::<16>(),
            code_verifier: random_id::<32>(),
        }
    }
}

/// A request at the address at which a client manages itself.
pub fn managed(house: &House, method: Method, client_id: &str) -> Call {
    let url = house.url(&format!("{}/{client_id}", paths::CLIENT_REGISTRATION));
    Call::new(house.doors.clone(), method, url)
}

/// Fails unless each of these is refused with `code`, and leaves nothing behind.
pub async fn refused(house: &House, code: &str, all: &[Value]) {
    let before = house.rows().await;
    for changes in all {
        let answer = register(house, &usual(changes)).await;
        assert_eq!(answer.status, 400, "{changes}: {}", answer.told());
        answer.oauth_error(400, code);
        assert_eq!(house.rows().await, before, "{changes}");
    }
}

/// Fails unless what each of these holds is told again.
pub async fn kept(house: &House, all: &[Value]) {
    for changes in all {
        let answer = register(house, &usual(changes)).await;
        assert_eq!(answer.status, 201, "{changes}: {}", answer.told());
        let told = answer.json();
        for (member, value) in changes.as_object().expect("members") {
            assert_eq!(&told[member], value, "{changes}: {told}");
        }
    }
}

/// A house to which clients come with certificates.
pub async fn taking_certificates(db: Database, folder: &Folder) -> House {
    let file = folder.path().join("authorities.pem");
    fs::write(&file, Authority::named("An authority").pem()).expect("a file for a test");
    registering_with(db, |config| {
        config.server.client_certificate_header = Some("Client-Cert".to_owned());
        config.server.client_certificate_authorities = Some(file);
    })
    .await
}
