//! Doubles: two who want the same address, name or account. The first has it, the second is told of, and
//! nobody is ever merged with somebody else.

use doorward::accounts::moving::report::What;
use serde_json::json;
use uuid::Uuid;

use super::{SUB, accounts, ada, github, import, somebody, users, with, words};
use crate::support::{database::both, house::House};

both! {
    async fn an_address_of_somebody_here_is_not_taken(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let before = (users(&house).await, accounts(&house).await);
        let row = with(ada(), "email", json!(" ADA@Example.com "));
        let (report, entries) = import(&house, &[row, somebody(1)]).await;
        assert_eq!((report.refused, report.imported), (1, 1));
        let sub = &before.0[0].subject;
        assert_eq!(words(&entries), [format!("line 1: email: the address belongs to {sub} here (not taken)")]);
        let now = users(&house).await;
        assert!(now.contains(&before.0[0]), "{} was changed", person.email);
        assert!(before.1.iter().all(|row| row.provider == "email"));
    }

    async fn of_two_rows_with_the_same_the_first_is_taken(db: Database) {
        let house = House::new(db).await;
        let id = json!(Uuid::now_v7().to_string());
        let rows = [
            ada(),
            with(with(ada(), "email", json!("eva@example.com")), "accounts", json!([])),
            with(somebody(1), "email", json!("ADA@example.com")),
            with(somebody(2), "id", id.clone()),
            with(somebody(3), "id", id),
            with(somebody(4), "accounts", json!([github("583231"), github("4")])),
            with(somebody(5), "accounts", json!([github("4"), github("5"), github("5")])),
        ];
        let (report, entries) = import(&house, &rows).await;
        assert_eq!(words(&entries), [
            "line 2: sub: an earlier row has the same (not taken)",
            "line 3: email: an earlier row has the same address (not taken)",
            "line 5: id: an earlier row has the same (not taken)",
            "line 6: accounts[0]: an earlier row has the same account at this provider (account not taken)",
            "line 7: accounts[0]: an earlier row has the same account at this provider (account not taken)",
            "line 7: accounts[2]: an earlier row has the same account at this provider (account not taken)",
        ]);
        assert_eq!((report.imported, report.refused, report.accounts, report.accounts_refused), (4, 3, 3, 3));
        let linked: Vec<String> = accounts(&house)
            .await
            .into_iter()
            .filter(|row| row.provider == "github")
            .map(|row| row.provider_account_id)
            .collect();
        assert_eq!(linked.len(), 3);
        // The next run says the same of the same rows.
        let (again, told) = import(&house, &rows).await;
        assert_eq!((again.unchanged, again.imported, again.refused, again.accounts_refused), (4, 0, 3, 3));
        assert_eq!(told.len(), entries.len());
    }

    async fn an_account_that_is_linked_here_stays_whose_it_is(db: Database) {
        let house = House::new(db).await;
        import(&house, &[ada()]).await;
        let thief = with(somebody(1), "accounts", json!([github("583231")]));
        let (report, entries) = import(&house, &[thief]).await;
        assert_eq!((report.imported, report.accounts, report.accounts_refused), (1, 0, 1));
        assert_eq!(entries[0].what, What::AccountRefused);
        let owner = users(&house).await.into_iter().find(|user| user.subject == SUB).expect("Ada");
        let linked: Vec<Uuid> = accounts(&house)
            .await
            .into_iter()
            .filter(|row| row.provider == "github")
            .map(|row| row.user_id)
            .collect();
        assert_eq!(linked, [owner.id]);
    }

    async fn an_id_of_somebody_here_is_not_taken(db: Database) {
        let house = House::new(db).await;
        import(&house, &[ada()]).await;
        let id = users(&house).await[0].id;
        let row = with(somebody(1), "id", json!(id.to_string()));
        let (report, entries) = import(&house, &[row]).await;
        assert_eq!((report.imported, report.refused), (0, 1));
        assert_eq!(words(&entries), [format!("line 1: id: it is that of {SUB} here (not taken)")]);
    }
}
