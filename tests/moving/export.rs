//! Export: everybody, so that an import into a fresh house gives the same rows.

use doorward::accounts::moving::export::Export;
use entity::account;
use serde_json::{Value, json};

use super::{accounts, ada, import, somebody, users, with};
use crate::support::{database::both, house::House};

async fn exported(house: &House) -> Vec<Value> {
    let mut export = Export::new(&house.app);
    let mut lines = Vec::new();
    loop {
        let page = export.page().await.expect("a page");
        if page.is_empty() {
            return lines;
        }
        lines.extend(page.iter().map(|line| json!(line)));
    }
}

/// The rows without what is sealed: a box is another one each time.
fn unsealed(accounts: Vec<account::Model>) -> Vec<account::Model> {
    let mut accounts = accounts;
    for account in &mut accounts {
        let tokens = [
            &mut account.access_token,
            &mut account.refresh_token,
            &mut account.id_token,
        ];
        tokens.into_iter().for_each(|token| *token = None);
    }
    accounts
}

both! {
    async fn goes_into_a_fresh_house_row_for_row(db: Database) {
        let other = House::new(db.fresh_like().await).await;
        let house = House::new(db).await;
        house.person().await;
        let claims = json!({ "locale": "en", "address": { "country": "France" } });
        let rows = [
            with(with(ada(), "email", json!("countess@example.com")), "claims", claims),
            with(with(somebody(1), "role", json!("admin")), "disabled_at", json!(1_741_000_000)),
            somebody(2),
        ];
        assert!(!import(&house, &rows).await.0.is_short());
        let lines = exported(&house).await;
        assert_eq!(lines.len(), 4);

        let (report, entries) = import(&other, &lines).await;
        assert_eq!((report.imported, entries), (4, Vec::new()));
        assert_eq!(users(&other).await, users(&house).await);
        assert_eq!(unsealed(accounts(&other).await), unsealed(accounts(&house).await));
        // Tokens and all: what the other house would write is the same.
        assert_eq!(exported(&other).await, lines);
        let github = lines.iter().flat_map(|line| line["accounts"].as_array().into_iter().flatten());
        let github: Vec<&Value> = github.filter(|account| account["provider"] == "github").collect();
        assert_eq!((github.len(), &github[0]["access_token"]), (1, &json!("gho_secret")));
        // And an import into the house that it came from changes nothing.
        assert_eq!(import(&house, &lines).await.0.unchanged, 4);
    }

    async fn nobody_is_no_line(db: Database) {
        let house = House::new(db).await;
        assert_eq!(exported(&house).await, Vec::<Value>::new());
    }
}
