//! What a person types on the profile page, as userinfo tells it to who has the scope (OpenID Connect
//! Core §5.4).

use doorward::paths;
use serde_json::json;

use super::granted::{Granted, names};
use crate::support::{database::both, house::House, rp::Rp};

both! {
    async fn each_scope_buys_what_the_person_typed(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::with(&house, |new| new.trusted = true).await;
        let mut granted = Granted::to(&house, rp).await;
        granted.browser.get(paths::ACCOUNT_PROFILE).await;
        let typed = [
            ("name", "Ada King"), ("given_name", "Ada"), ("middle_name", "Augusta"), ("family_name", "King"),
            ("nickname", "Addie"), ("preferred_username", "ada"), ("picture", "https://ada.example/me.png"),
            ("profile", "https://ada.example/"), ("website", "https://ada.example/notes"), ("gender", "female"),
            ("birthdate", "0000-12-10"), ("zoneinfo", "Europe/London"), ("locale", "en_GB"),
            ("phone_number", "+44 (20) 7946-0123"), ("street_address", "12 St James's Square\r\nFlat 3"),
            ("locality", "London"), ("postal_code", "SW1Y 4LB"), ("country", "England"),
        ];
        granted.browser.submit("#profile-form", &typed).await.sent_to(paths::ACCOUNT_PROFILE);
        for (scope, bought) in [
            ("openid profile", json!({
                "name": "Ada King", "given_name": "Ada", "middle_name": "Augusta", "family_name": "King",
                "nickname": "Addie", "preferred_username": "ada", "picture": "https://ada.example/me.png",
                "profile": "https://ada.example/", "website": "https://ada.example/notes", "gender": "female",
                "birthdate": "0000-12-10", "zoneinfo": "Europe/London", "locale": "en-GB",
            })),
            ("openid phone", json!({ "phone_number": "+442079460123", "phone_number_verified": false })),
            ("openid address", json!({ "address": {
                "formatted": "12 St James's Square\nFlat 3\nLondon\nSW1Y 4LB\nEngland",
                "street_address": "12 St James's Square\nFlat 3", "locality": "London",
                "postal_code": "SW1Y 4LB", "country": "England",
            } })),
        ] {
            let code = granted.code_for(&[("scope", Some(scope))]).await;
            let tokens = granted.rp.exchange(&code).await.tokens();
            let mut told = house.get(paths::USERINFO).bearer(&tokens.access_token).await.ok();
            let members = told.as_object_mut().expect("an object");
            members.remove("sub");
            members.remove("updated_at");
            assert_eq!(names(&told), names(&bought), "{scope}");
            assert_eq!(told, bought, "{scope}");
        }
        // Who learns it stands beside it.
        let page = granted.browser.get(paths::ACCOUNT_PROFILE).await.page();
        assert_eq!(page.text.matches("Learned by Example, which you allowed.").count(), 3, "{}", page.text);

        // Taken away, it is left out and not empty.
        granted.browser.submit("#profile-form", &[("phone_number", ""), ("name", " ")]).await;
        let code = granted.code_for(&[("scope", Some("openid profile phone"))]).await;
        let tokens = granted.rp.exchange(&code).await.tokens();
        let told = house.get(paths::USERINFO).bearer(&tokens.access_token).await.ok();
        for gone in ["name", "phone_number", "phone_number_verified"] {
            assert_eq!(told.get(gone), None);
        }
    }
}
