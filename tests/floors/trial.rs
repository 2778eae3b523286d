//! Trial: houses of a few lines that break one sentence of the law each, and houses that keep it.

use super::{judge, law, reading::Source};

/// A house of these files; the first line that each must have is put in front.
fn house(files: &[(&str, &str)]) -> Vec<Source> {
    files
        .iter()
        .map(|(file, text)| Source {
            file: (*file).to_owned(),
            text: format!("//! Owns nothing.\n{text}\n"),
        })
        .collect()
}

/// The one thing that is wrong with a house of one file.
fn wrong(file: &str, text: &str) -> String {
    let broken = judge(&house(&[(file, text)]));
    assert_eq!(broken.len(), 1, "{text}: {broken:?}");
    broken[0].clone()
}

fn right(file: &str, text: &str) {
    let broken = judge(&house(&[(file, text)]));
    assert!(broken.is_empty(), "{text}: {broken:?}");
}

#[test]
fn an_upward_import_is_reported_with_its_file_its_line_and_the_sentence() {
    let said = wrong(
        "src/tokens/issue.rs",
        "use std::fmt;\nuse crate::http::kit::bearer;",
    );
    assert_eq!(
        said,
        "src/tokens/issue.rs:3: tokens (the rooms) must not name http/kit (the doors' kit) as in \
         doorward::http::kit::bearer. Imports run downward only."
    );
}

#[test]
fn an_upward_import_is_found_however_it_is_written() {
    for text in [
        "use crate::{app::App, http::{health, kit}};",
        "use crate::http as doors;",
        "use super::super::http::kit::Page;",
        "pub(crate) use crate::http::*;",
        "fn f(door: crate::http::Door) {}",
        "fn f() { assert!(crate::http::kit::open()); }",
        "#[derive(crate::http::Door)] struct S;",
        "mod tests { use super::super::super::http; }",
        "macro_rules! m { () => { $crate::http::open() } }",
        "use doorward::http::kit;",
    ] {
        let all = judge(&house(&[("src/tokens/issue.rs", text)]));
        assert!(!all.is_empty(), "{text}");
        assert!(
            all.iter().all(|said| said.contains(law::DOWNWARD)),
            "{all:?}"
        );
    }
}

#[test]
fn a_floor_may_name_the_lower_ones() {
    right("src/main.rs", "use doorward::{http, server, tokens};");
    right(
        "src/server.rs",
        "use poem::listener; use crate::{http, jobs};",
    );
    right(
        "src/http/oauth/token.rs",
        "use crate::{grants, http::kit, oauth, tokens};",
    );
    right(
        "src/tokens/issue.rs",
        "use super::claims; use crate::{app::App, clock::Clock};",
    );
    right(
        "src/http/kit/page.rs",
        "use crate::sessions; fn f() { self::g() }",
    );
    right(
        "src/tokens/mod.rs",
        "// crate::http is above\nconst S: &str = \"crate::http::x\";",
    );
}

#[test]
fn rooms_name_one_another_as_listed_and_the_settings_name_nobody() {
    right(
        "src/grants/refresh_token.rs",
        "use crate::{events, tokens};",
    );
    right("src/accounts/login.rs", "use crate::sessions;");
    for (file, text) in [
        ("src/tokens/issue.rs", "use crate::grants;"),
        ("src/events.rs", "use crate::sessions;"),
        ("src/authorization/mod.rs", "use crate::accounts;"),
        ("src/config/mod.rs", "use crate::paths;"),
        ("src/crypto/jwt.rs", "use crate::oauth::error;"),
    ] {
        assert!(wrong(file, text).contains(law::BESIDE));
    }
    assert!(wrong("src/jobs.rs", "use crate::http;").contains(law::DOWNWARD));
    assert!(wrong("src/http/kit/page.rs", "use crate::http::pages;").contains(law::DOWNWARD));
}

#[test]
fn a_module_without_a_floor_and_a_name_that_hides_one_are_reported() {
    for (file, text) in [
        ("src/drawer.rs", "use crate::app;"),
        ("src/tokens/issue.rs", "use crate::App;"),
        ("src/tokens/issue.rs", "use crate::*;"),
    ] {
        assert!(wrong(file, text).contains(law::HAS_A_FLOOR));
    }
}

#[test]
fn a_crate_is_named_in_its_place_only() {
    right(
        "src/oauth/error.rs",
        "#[derive(poem_openapi::Enum)] enum E { A }",
    );
    right(
        "src/clients/mod.rs",
        "use sea_orm::{ConnectionTrait, DbErr, Set};",
    );
    right(
        "entity/src/user.rs",
        "use sea_orm::{QueryFilter, entity::prelude::*};",
    );
    for (file, text) in [
        ("src/tokens/mod.rs", "use poem::http::StatusCode;"),
        ("src/tokens/mod.rs", "use poem as p;"),
        ("src/tokens/mod.rs", "use poem_openapi::payload::Json;"),
        ("src/tokens/mod.rs", "fn f() { ::jsonwebtoken::decode() }"),
        ("src/clients/mod.rs", "use sea_orm::{ColumnTrait, DbErr};"),
        ("src/clients/mod.rs", "use sea_orm::*;"),
        ("src/clients/mod.rs", "use sea_orm::entity::prelude::Uuid;"),
        ("src/crypto/secret.rs", "extern crate argon2;"),
        ("src/http/pages/playground.rs", "use reqwest::Client;"),
        ("src/accounts/login.rs", "use oauth2::PkceCodeVerifier;"),
        ("entity/src/user.rs", "use poem_openapi::Enum;"),
        ("entity/src/user.rs", "use doorward::clock::Clock;"),
        ("migration/src/lib.rs", "use entity::user;"),
    ] {
        assert!(wrong(file, text).contains(law::ONE_PLACE), "{text}");
    }
}

#[test]
fn nobody_but_the_tables_writes_queries() {
    for text in [
        "fn f() { user::Column::Email }",
        "use entity::user::{Entity};",
        "use entity::user::*;",
        "fn f() { entity::user::Entity::find() }",
    ] {
        assert!(wrong("src/clients/mod.rs", text).contains(law::FINDERS));
    }
    right(
        "src/clients/mod.rs",
        "use entity::{Db, client::{self, ActiveModel}};",
    );
}

#[test]
fn a_circle_is_reported_once_and_a_parent_is_none() {
    let ring = house(&[
        (
            "src/tokens/mod.rs",
            "mod a; mod b; mod c; pub use a::A; fn f() { b::g() }",
        ),
        ("src/tokens/a.rs", "use super::b;"),
        ("src/tokens/b.rs", "use super::c::C; use super::A;"),
        ("src/tokens/c.rs", "use crate::tokens::a::A;"),
    ]);
    let broken = judge(&ring);
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].contains(law::NO_CIRCLES));
    let way =
        "doorward::tokens::a → doorward::tokens::b → doorward::tokens::c → doorward::tokens::a";
    assert!(broken[0].contains(way), "{broken:?}");
}

#[test]
fn a_file_has_a_first_line_an_end_and_a_name() {
    let long = "\n".repeat(299);
    assert!(wrong("src/tokens/mod.rs", &long).contains(law::LENGTH));
    right("src/tokens/mod.rs", &long[1..]);
    assert!(wrong("src/tokens/utils.rs", "").contains(law::NO_DRAWERS));
    assert!(wrong("tests/common/mod.rs", "").contains(law::NO_DRAWERS));
    assert!(wrong("src/tokens/mod.rs", "fn f() {").contains(law::READABLE));
    let silent = Source {
        file: "tests/oauth.rs".to_owned(),
        text: "use std::fmt;\n".to_owned(),
    };
    assert!(judge(&[silent])[0].contains(law::FIRST_LINE));
}
