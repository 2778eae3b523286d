//! Choosing a password over the API: a code for programs, and for people why and what to do.

use serde_json::json;

use super::front::Front;
use crate::{
    pages::choosing::{LEAKED, warned},
    support::{database::both, folder::Folder},
};

both! {
    async fn a_problem_says_why_the_password_is_not_taken(db: Database) {
        let folder = Folder::new();
        let house = warned(db, &folder).await;
        let person = house.person().await;
        let mut front = Front::signed_in(&house).await;
        let before = house.rows().await;
        for (new, code, words) in [
            ("sunshine", "PASSWORD_TOO_GUESSABLE", "one of the most used"),
            ("ada@example.com", "PASSWORD_TOO_GUESSABLE", "made of your address"),
            (LEAKED, "PASSWORD_COMPROMISED", "appeared in a leak of passwords"),
        ] {
            let change = json!({ "currentPassword": person.password, "newPassword": new });
            let changing = front.post("/change-password", change).await.refused(400, code);
            let sign_up = json!({ "name": "", "email": "ada@example.com", "password": new });
            let signing_up = Front::new(&house).post("/sign-up/email", sign_up).await.refused(400, code);
            for problem in [changing, signing_up] {
                let detail = problem["detail"].as_str().unwrap_or_default();
                assert!(detail.contains(words), "{new}: {problem}");
            }
        }
        assert_eq!(house.rows().await, before);
    }
}
