//! Scopes: which claims they buy, and where those are told.

use serde_json::json;

use super::{
    Variant, client::Client, core::access_token, seen::says_nothing_unasked, suite::Suite,
};

const PROFILE: &[&str] = &[
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
];
const EMAIL: &[&str] = &["email", "email_verified"];
const ADDRESS: &[&str] = &["address"];
const PHONE: &[&str] = &["phone_number", "phone_number_verified"];

/// Each claim of the scopes is told where there is an access token to ask with, and in the ID token
/// where there is none; and only there.
async fn scopes(variant: Variant, scope: &str, claims: &[&[&str]]) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let (token, said) = access_token(&client, scope, None).await;
    let told = match token.is_empty() {
        true => said,
        false => {
            says_nothing_unasked(&said);
            client.userinfo(&token).await
        }
    };
    for name in claims.concat() {
        let value = &told[name];
        match name {
            "email_verified" | "phone_number_verified" => assert!(value.is_boolean(), "{told}"),
            "updated_at" => assert!(value.as_i64().is_some_and(|at| at > 0), "{told}"),
            "address" => {
                let members = value.as_object().expect("an object");
                assert!(
                    members
                        .values()
                        .all(|part| part.as_str().is_some_and(|t| !t.is_empty()))
                );
            }
            _ => assert!(
                value.as_str().is_some_and(|text| !text.is_empty()),
                "{name}: {told}"
            ),
        }
    }
    client.end().await;
}

pub async fn oidcc_scope_profile(variant: Variant) {
    scopes(variant, "openid profile", &[PROFILE]).await;
}

pub async fn oidcc_scope_email(variant: Variant) {
    scopes(variant, "openid email", &[EMAIL]).await;
}

pub async fn oidcc_scope_address(variant: Variant) {
    scopes(variant, "openid address", &[ADDRESS]).await;
}

pub async fn oidcc_scope_phone(variant: Variant) {
    scopes(variant, "openid phone", &[PHONE]).await;
}

pub async fn oidcc_scope_all(variant: Variant) {
    let all = "openid profile email address phone";
    scopes(variant, all, &[PROFILE, EMAIL, ADDRESS, PHONE]).await;
}

pub async fn oidcc_claims_essential(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let place = match variant.has("token") || variant.has("code") {
        true => "userinfo",
        false => "id_token",
    };
    let asked = json!({ place: { "name": { "essential": true } } }).to_string();
    let (token, said) = access_token(&client, "openid", Some(&asked)).await;
    match token.is_empty() {
        true => assert_eq!(said["name"], "Buffy Summers"),
        false => {
            says_nothing_unasked(&said);
            assert_eq!(client.userinfo(&token).await["name"], "Buffy Summers");
        }
    }
    client.end().await;
}
