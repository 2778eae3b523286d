//! Paths: whatever `src/paths.rs` names is answered, and what it does not name is not there.

use doorward::paths;

use crate::support::{database::both, house::House};

/// The constants of `src/paths.rs`: name and value.
fn named() -> Vec<(String, String)> {
    let source = include_str!("../src/paths.rs");
    let constants = source
        .lines()
        .filter_map(|line| line.strip_prefix("pub const "));
    constants
        .filter_map(|line| {
            let (name, rest) = line.split_once(':')?;
            let value = rest.split('"').nth(1)?;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect()
}

both! {
    async fn every_path_that_is_named_is_answered(db: Database) {
        let house = House::new(db).await;
        let paths = named();
        assert!(paths.len() > 30, "the constants are read");
        // Prefixes of areas, no pages of their own.
        let areas = [paths::API, paths::API_AUTH, paths::CLIENT_LOGO, paths::UPSTREAM];
        for (name, path) in paths.iter().filter(|(_, path)| !areas.contains(&path.as_str())) {
            let mut answer = house.get(path).await;
            // What only takes something says nothing to those who ask for it.
            if answer.status == 404 && path.starts_with(paths::API_AUTH) {
                answer = house.post(path).await;
            }
            assert_ne!(answer.status, 404, "{name}: {}", answer.told());
            assert!(answer.status < 500, "{name}: {}", answer.told());
        }
    }

    async fn what_is_not_named_is_not_there_in_the_face_of_its_area(db: Database) {
        let house = House::new(db).await;
        house.get("/nowhere").await.shown(404, "There is no such page");
        house.get("/account/nowhere").await.shown(404, "There is no such page");
        house.get("/oauth2/nowhere").await.oauth_error(404, "invalid_request");
        house.get("/oauth2/token/").await.oauth_error(404, "invalid_request");
        house.get("/api/nowhere").await.problem(404);
    }
}
