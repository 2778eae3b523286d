//! Many: whole batches at a time, and two imports that meet.

use doorward::accounts::moving::import::{BATCH, Import, Row};
use doorward::accounts::moving::report::Place;
use serde_json::json;

use super::{github, import, somebody, users, with};
use crate::support::{database::both, house::House};

both! {
    async fn a_batch_with_a_bad_row_in_it_is_taken_but_for_that_row(db: Database) {
        let house = House::new(db).await;
        let mut rows: Vec<_> = (0..BATCH)
            .map(|number| with(somebody(number), "accounts", json!([github(&number.to_string())])))
            .collect();
        rows[7]["email"] = json!("nobody");
        let (report, entries) = import(&house, &rows).await;
        assert_eq!((report.imported as usize, report.refused, entries.len()), (BATCH - 1, 1, 1));
        assert_eq!(users(&house).await.len(), BATCH - 1);
        let rows = house.rows().await;
        assert_eq!(rows["event"] as usize, BATCH - 1, "somebody has no event");
        assert_eq!(rows["account"] as usize, BATCH - 1);
    }

    /// Both look before either writes; whoever comes second finds somebody in the way of some rows, and
    /// takes the others.
    async fn two_imports_at_once_take_everybody_once(db: Database) {
        let house = House::new(db).await;
        let rows = |from: usize, to: usize| -> Vec<Row> {
            let numbered = (from..to).zip(1..);
            numbered
                .map(|(number, line)| Row {
                    place: Place::Line(line),
                    row: Ok(somebody(number)),
                    notes: Vec::new(),
                })
                .collect()
        };
        let (mut one, mut other) = (Import::new(&house.app, false), Import::new(&house.app, false));
        let (mut silent, mut quiet) = (|_: &_| (), |_: &_| ());
        let (first, second) = tokio::join!(
            one.take(rows(0, 60), &mut silent),
            other.take(rows(40, 100), &mut quiet),
        );
        first.expect("an import");
        second.expect("an import");
        assert_eq!(users(&house).await.len(), 100);
        let both = [one.report(), other.report()];
        let taken: u64 = both.iter().map(|report| report.imported).sum();
        let before: u64 = both.iter().map(|report| report.unchanged + report.refused).sum();
        assert_eq!((taken, before), (100, 20));
    }
}
