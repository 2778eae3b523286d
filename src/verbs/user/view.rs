//! A person as they are shown to an operator. Never a password hash.

use entity::{user::Model, value::Role};
use serde::Serialize;

use crate::verbs::print;

#[derive(Debug, Serialize)]
pub struct View<'a> {
    sub: &'a str,
    email: &'a str,
    /// When the address was proven.
    email_verified: Option<String>,
    name: Option<&'a str>,
    role: Role,
    has_password: bool,
    disabled_at: Option<String>,
    /// When they are removed, because they asked for it.
    deletes_at: Option<String>,
    created_at: String,
    updated_at: String,
}

impl<'a> View<'a> {
    pub fn of(user: &'a Model) -> Self {
        Self {
            sub: &user.subject,
            email: &user.email,
            email_verified: user.email_verified.map(print::time),
            name: user.name.as_deref(),
            role: user.role,
            has_password: user.password_hash.is_some(),
            disabled_at: user.disabled_at.map(print::time),
            deletes_at: user.deletes_at.map(print::time),
            created_at: print::time(user.created_at),
            updated_at: print::time(user.updated_at),
        }
    }

    /// The same for people.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let verified = self.email_verified.clone();
        vec![
            ("sub", self.sub.to_owned()),
            ("email", self.email.to_owned()),
            (
                "email_verified",
                verified.unwrap_or_else(|| "no".to_owned()),
            ),
            ("name", self.name.unwrap_or_default().to_owned()),
            ("role", role(self.role).to_owned()),
            ("has_password", print::yes(self.has_password)),
            ("disabled_at", self.disabled_at.clone().unwrap_or_default()),
            ("deletes_at", self.deletes_at.clone().unwrap_or_default()),
            ("created_at", self.created_at.clone()),
            ("updated_at", self.updated_at.clone()),
        ]
    }
}

/// What is worth knowing in a list.
pub fn state(user: &Model) -> String {
    let words = [
        user.disabled_at.map(|_| match user.deletes_at {
            Some(_) => "leaving",
            None => "disabled",
        }),
        (user.role == Role::Admin).then_some("admin"),
        user.email_verified
            .is_none()
            .then_some("address not proven"),
        user.password_hash.is_none().then_some("no password"),
    ];
    let words: Vec<&str> = words.into_iter().flatten().collect();
    words.join(", ")
}

fn role(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Admin => "admin",
    }
}
