//! Rows that cannot be taken: each is told with its line, field and reason, and costs nothing else.

use doorward::accounts::moving::report::What;
use serde_json::{Value, json};

use super::{ada, github, import, somebody, users, with, words};
use crate::support::{database::both, house::House};

/// A change of a row, and what is said of it.
fn wrong() -> Vec<(&'static str, Value, &'static str)> {
    let long = "x".repeat(300);
    vec![
        ("sub", json!(null), "sub: is missing"),
        ("sub", json!(""), "sub: is missing"),
        ("sub", json!(17), "sub: no text"),
        ("sub", json!("a b"), "sub: no 1 to 255 visible"),
        (
            "sub",
            json!("client:billing"),
            "sub: begins as the subjects of clients",
        ),
        ("sub", json!("ä"), "sub: no 1 to 255 visible"),
        ("sub", json!(long), "sub: no 1 to 255 visible"),
        ("email", json!(null), "email: is missing"),
        ("email", json!("nobody"), "email: the address is not one"),
        (
            "email",
            json!("a@b@example.com"),
            "email: the address is not one",
        ),
        (
            "email",
            json!("a\r\nbcc: b@example.com"),
            "email: the address is not one",
        ),
        ("email", json!(["ada@example.com"]), "email: no text"),
        ("name", json!(long), "name: the name is longer"),
        ("name", json!("Ada\u{202e}"), "name: the name is longer"),
        ("name", json!("A\0"), "name: holds a character"),
        ("id", json!("17"), "id: no UUID"),
        ("email_verified", json!("yes"), "email_verified: no time"),
        ("created_at", json!("yesterday"), "created_at: no time"),
        ("updated_at", json!(-1), "updated_at: no time"),
        (
            "disabled_at",
            json!("2025-13-01T00:00:00Z"),
            "disabled_at: no time",
        ),
        (
            "deletes_at",
            json!(1_800_000_000),
            "deletes_at: only who is disabled",
        ),
        ("role", json!("owner"), "role: neither user nor admin"),
        (
            "claims",
            json!({ "shoe_size": 38 }),
            "claims: \"shoe_size\" is no standard claim",
        ),
        ("claims", json!(["en"]), "claims: "),
        ("accounts", json!({}), "accounts: no list"),
        ("password", json!("typed"), "password: no field of a row"),
        ("password_hash", json!(7), "password_hash: no text"),
        (
            "password_hash",
            json!(
                "$argon2id$v=19$m=4194304,t=2,p=2$c2l4dGVlbiBieXRlcyBvaw$6kUD5y7ySUaSzEOf+MhN3x4Vv7Ggn9FjKvl9pu5EBq4"
            ),
            "password_hash: a hash that asks for more work",
        ),
        (
            "password_hash",
            json!("$2b$31$abcdefghijklmnopqrstuuXd2oy/UVAoLP62IV6F2W4JusNTrMsDS"),
            "password_hash: a hash that asks for more work",
        ),
    ]
}

/// An account at a provider that cannot be taken, and what is said of it.
fn wrong_accounts() -> Vec<(Value, &'static str)> {
    let with = |field, value| with(github("583231"), field, value);
    vec![
        (json!("github"), "accounts[1]: no JSON object"),
        (
            with("provider", json!(null)),
            "accounts[1].provider: is missing",
        ),
        (
            with("provider", json!("email")),
            "accounts[1].provider: email is the name",
        ),
        (
            with("provider", json!("a\nb")),
            "accounts[1].provider: longer than 100",
        ),
        (
            with("provider_account_id", json!("")),
            "accounts[1].provider_account_id: is missing",
        ),
        (
            with("provider_account_id", json!(583_231)),
            "accounts[1].provider_account_id: no text",
        ),
        (with("type", json!("saml")), "accounts[1].type: neither"),
        (
            with("expires_at", json!("soon")),
            "accounts[1].expires_at: no time",
        ),
        (
            with("access_token", json!({})),
            "accounts[1].access_token: no text",
        ),
        (
            with("password", json!("x")),
            "accounts[1].password: no field of a row",
        ),
    ]
}

both! {
    async fn each_fault_is_told_and_the_others_are_taken(db: Database) {
        let house = House::new(db).await;
        let wrong = wrong();
        let mut rows = Vec::new();
        for (number, (field, value, _)) in wrong.iter().enumerate() {
            rows.push(with(somebody(number), field, value.clone()));
        }
        rows.push(json!([]));
        rows.push(json!("Ada"));
        rows.push(ada());
        let (report, entries) = import(&house, &rows).await;
        let words = words(&entries);
        for (number, (field, _, expected)) in wrong.iter().enumerate() {
            let begin = format!("line {}: {expected}", number + 1);
            assert!(words[number].starts_with(&begin), "{field}: {}", words[number]);
            assert!(words[number].ends_with("(not taken)"), "{}", words[number]);
        }
        assert_eq!(report.refused as usize, wrong.len() + 2);
        assert_eq!((report.imported, report.is_short()), (1, true));
        assert_eq!(users(&house).await.len(), 1);
    }

    async fn a_wrong_account_costs_the_account_and_not_the_person(db: Database) {
        let house = House::new(db).await;
        for (number, (account, expected)) in wrong_accounts().into_iter().enumerate() {
            let good = github(&format!("good-{number}"));
            let row = with(somebody(number), "accounts", json!([good, account]));
            let (report, entries) = import(&house, &[row]).await;
            assert_eq!((report.imported, report.accounts, report.accounts_refused), (1, 1, 1));
            let words = words(&entries);
            assert!(words[0].starts_with(&format!("line 1: {expected}")), "{words:?}");
            assert_eq!(entries[0].what, What::AccountRefused);
            assert!(report.is_short());
        }
    }

    async fn a_picture_that_is_no_address_is_left_out(db: Database) {
        let house = House::new(db).await;
        let row = with(ada(), "image", json!("data:image/png;base64,iVBORw0KGgo="));
        let (report, entries) = import(&house, std::slice::from_ref(&row)).await;
        assert_eq!((report.imported, report.is_short()), (1, false));
        assert_eq!(entries[0].what, What::LeftOut);
        assert_eq!(users(&house).await[0].image, None);
        // And that is no difference the next time.
        assert_eq!(import(&house, &[row]).await.0.unchanged, 1);
    }
}
