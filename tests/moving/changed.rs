//! Once more: an import that is repeated changes nothing, and one that is only tried writes nothing.

use doorward::{
    accounts::{moving::report::What, operate},
    paths,
};
use serde_json::json;

use super::{
    EMAIL, PASSWORD, SUB, accounts, ada, dry_run, github, import, somebody, users, with, words,
};
use crate::support::{database::both, house::House};

both! {
    async fn everything_of_a_row_is_kept(db: Database) {
        let house = House::new(db).await;
        let claims = json!({ "locale": "en", "address": { "country": "France" } });
        let row = with(with(ada(), "claims", claims.clone()), "disabled_at", json!(1_741_000_000));
        let (report, entries) = import(&house, &[row]).await;
        assert_eq!(words(&entries), Vec::<String>::new());
        assert_eq!((report.read, report.imported, report.accounts), (1, 1, 1));
        assert_eq!(report.passwords.get("better-auth scrypt"), Some(&1));
        let users = users(&house).await;
        let user = &users[0];
        assert_eq!((user.subject.as_str(), user.email.as_str()), (SUB, EMAIL));
        assert_eq!(user.id.get_version_num(), 7);
        assert_eq!(user.name.as_deref(), Some("Ada Lovelace"));
        assert_eq!(user.image.as_deref(), Some("https://img.example/ada.png"));
        assert_eq!(json!(user.profile), claims);
        let times = [user.email_verified, Some(user.created_at), Some(user.updated_at), user.disabled_at];
        let written = times.map(|time| time.map(|time| time.to_rfc3339()).unwrap_or_default());
        assert_eq!(written, [
            "2025-02-01T10:00:00+00:00",
            "2025-01-01T10:00:00+00:00",
            "2025-03-01T10:00:00+00:00",
            "2025-03-03T11:06:40+00:00",
        ]);
        let accounts = accounts(&house).await;
        let mut ways: Vec<(&str, String)> = accounts
            .iter()
            .map(|account| (account.provider.as_str(), account.provider_account_id.clone()))
            .collect();
        ways.sort();
        assert_eq!(ways, [("email", user.id.to_string()), ("github", "583231".to_owned())]);
        let linked = accounts.iter().find(|account| account.provider == "github").expect("github");
        assert_eq!(linked.scope.as_deref(), Some("read:user user:email"));
        assert_eq!(linked.expires_at, Some(1_740_000_000));
        // Provider tokens are sealed: neither of them is in the row as it was written.
        for sealed in [&linked.access_token, &linked.refresh_token] {
            let sealed = &sealed.as_ref().expect("a token").0;
            assert!(!sealed.windows(6).any(|part| part == b"secret"));
        }
    }

    async fn a_second_time_changes_nothing(db: Database) {
        let house = House::new(db).await;
        let rows = [ada(), somebody(1), somebody(2)];
        import(&house, &rows).await;
        let before = (users(&house).await, accounts(&house).await, house.rows().await);
        let (report, entries) = import(&house, &rows).await;
        assert_eq!(words(&entries), Vec::<String>::new());
        assert_eq!((report.read, report.unchanged, report.imported), (3, 3, 0));
        assert_eq!((users(&house).await, accounts(&house).await, house.rows().await), before);
    }

    async fn who_has_changed_since_is_not_written_over(db: Database) {
        let house = House::new(db).await;
        import(&house, &[ada(), somebody(1)]).await;
        let mut browser = house.browser();
        browser.get(paths::LOGIN).await;
        browser.submit("#login-form", &[("email", EMAIL), ("password", PASSWORD)]).await.sent_to(paths::ACCOUNT);
        let user = operate::find(&house.app, "user-1").await.expect("a look").expect("somebody");
        operate::disable(&house.app, &user).await.expect("a disabled user");
        let before = (users(&house).await, accounts(&house).await);

        // In the source, somebody has got a new name, and an account more.
        let renamed = with(ada(), "name", json!("Ada King"));
        let renamed = with(renamed, "accounts", json!([github("583231"), github("99")]));
        let (report, entries) = import(&house, &[renamed, somebody(1)]).await;
        assert_eq!((report.kept, report.unchanged, report.imported, report.refused), (2, 0, 0, 0));
        assert!(!report.is_short(), "nothing went wrong");
        assert!(entries.iter().all(|entry| entry.what == What::Kept));
        let fields: Vec<&str> = entries.iter().filter_map(|entry| entry.field.as_deref()).collect();
        assert_eq!(fields, ["name, password_hash, accounts", "disabled_at"]);
        assert_eq!((users(&house).await, accounts(&house).await), before);
    }

    async fn to_look_writes_nothing_and_says_the_same(db: Database) {
        let house = House::new(db).await;
        import(&house, &[somebody(7)]).await;
        let rows = [
            ada(),
            somebody(1),
            with(somebody(1), "sub", json!("other")),
            with(somebody(2), "email", json!("no address")),
            with(somebody(3), "accounts", json!([github("583231")])),
            somebody(7),
            with(somebody(8), "password_hash", json!("unknown")),
        ];
        let before = (users(&house).await, accounts(&house).await, house.rows().await);
        let (looked, said) = dry_run(&house, &rows).await;
        assert_eq!((users(&house).await, accounts(&house).await, house.rows().await), before);
        let (mut done, told) = import(&house, &rows).await;
        assert_eq!(words(&said), words(&told));
        assert_eq!((done.imported, done.refused, done.accounts_refused, done.unchanged), (4, 2, 1, 1));
        assert!(looked.dry_run && !done.dry_run);
        done.dry_run = true;
        assert_eq!(looked, done);
    }
}
