//! The standard claims: one row each, with the scope that buys it and how it is read. Userinfo, the
//! ID token, discovery and the consent page all read this table.

use std::collections::BTreeMap;

use entity::{
    user,
    value::{OFFLINE_ACCESS, OPENID, Scope},
};
use serde_json::{Map, Value, json};

/// A scope of OpenID Connect Core §5.4 and §11, with what the consent page says about it.
#[derive(Clone, Copy, Debug)]
pub struct StandardScope {
    pub name: &'static str,
    pub title: &'static str,
}

/// A claim of OpenID Connect Core §5.1.
#[derive(Clone, Copy)]
pub struct Claim {
    pub name: &'static str,
    /// The scope that buys it.
    pub scope: &'static str,
    /// What the consent page calls it.
    pub label: &'static str,
    /// None when the person has not said: such a claim is left out, never null or empty.
    read: fn(&user::Model) -> Option<Value>,
}

/// The scopes that are known to everyone.
pub const SCOPES: [StandardScope; 6] = [
    StandardScope {
        name: OPENID,
        title: "Sign you in",
    },
    StandardScope {
        name: "profile",
        title: "See your profile",
    },
    StandardScope {
        name: "email",
        title: "See your e-mail address",
    },
    StandardScope {
        name: "address",
        title: "See your postal address",
    },
    StandardScope {
        name: "phone",
        title: "See your phone number",
    },
    StandardScope {
        name: OFFLINE_ACCESS,
        title: "Keep access while you are away",
    },
];

macro_rules! claims {
    ($($name:literal, $scope:literal, $label:literal, $read:expr;)*) => {
        /// All of them, in the order of the specification.
        pub const CLAIMS: &[Claim] = &[
            $(Claim { name: $name, scope: $scope, label: $label, read: $read },)*
        ];
    };
}

claims! {
    "name", "profile", "name", |user| text(&user.name);
    "given_name", "profile", "given name", |user| text(&user.profile.given_name);
    "family_name", "profile", "family name", |user| text(&user.profile.family_name);
    "middle_name", "profile", "middle name", |user| text(&user.profile.middle_name);
    "nickname", "profile", "nickname", |user| text(&user.profile.nickname);
    "preferred_username", "profile", "user name", |user| text(&user.profile.preferred_username);
    "profile", "profile", "profile page", |user| text(&user.profile.profile);
    "picture", "profile", "picture", |user| text(&user.image);
    "website", "profile", "web site", |user| text(&user.profile.website);
    "gender", "profile", "gender", |user| text(&user.profile.gender);
    "birthdate", "profile", "date of birth", |user| text(&user.profile.birthdate);
    "zoneinfo", "profile", "time zone", |user| text(&user.profile.zoneinfo);
    "locale", "profile", "language", |user| text(&user.profile.locale);
    "updated_at", "profile", "time of the last change", |user| Some(json!(user.updated_at.timestamp()));
    "email", "email", "e-mail address", |user| Some(json!(user.email));
    "email_verified", "email", "whether the address is proven", |user| Some(json!(user.email_verified.is_some()));
    "address", "address", "postal address", |user| user.profile.address.as_ref().map(|a| json!(a));
    "phone_number", "phone", "phone number", |user| text(&user.profile.phone_number);
    "phone_number_verified", "phone", "whether the number is proven", |user| {
        user.profile.phone_number.as_ref()?;
        Some(json!(user.profile.phone_number_verified.unwrap_or(false)))
    };
}

/// What `scope` lets a client know about `user`, `sub` not included.
pub fn bought_by(scope: &Scope, user: &user::Model) -> Map<String, Value> {
    CLAIMS
        .iter()
        .filter(|claim| scope.contains(claim.scope))
        .filter_map(|claim| Some((claim.name.to_owned(), (claim.read)(user)?)))
        .collect()
}

/// Single claims that were asked for by name (OpenID Connect Core §5.5.1): those that are known of
/// `user` and, where a value was asked for, have it. What would buy them must be in `own`, the scope
/// that the client still has.
pub fn asked_for(
    asked: &BTreeMap<String, Value>,
    user: &user::Model,
    own: &Scope,
) -> Map<String, Value> {
    asked
        .iter()
        .filter_map(|(name, wish)| {
            let claim = claim(name).filter(|claim| own.contains(claim.scope))?;
            let value = (claim.read)(user)?;
            let one = wish.get("value").is_none_or(|wanted| *wanted == value);
            let several = wish.get("values").and_then(Value::as_array);
            let among = several.is_none_or(|wanted| wanted.contains(&value));
            (one && among).then(|| (name.clone(), value))
        })
        .collect()
}

/// Whether a scope lets a client ask about a person at all.
pub fn opens_userinfo(scope: &Scope) -> bool {
    scope.contains(OPENID) || CLAIMS.iter().any(|claim| scope.contains(claim.scope))
}

/// The claim of that name.
pub fn claim(name: &str) -> Option<&'static Claim> {
    CLAIMS.iter().find(|claim| claim.name == name)
}

/// All standard scopes together.
pub fn every_scope() -> Scope {
    // The names are words of the grammar, so the default is never taken.
    entity::value::STANDARD_SCOPES
        .join(" ")
        .parse()
        .unwrap_or_default()
}

fn text(value: &Option<String>) -> Option<Value> {
    value
        .as_ref()
        .filter(|text| !text.is_empty())
        .map(|text| json!(text))
}
