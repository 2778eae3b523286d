//! `/api/openapi.yaml` and `/api/docs`.

use doorward::{http::document, paths};

use crate::support::{browser::STRANGER, database::both, house::House};

both! {
    async fn the_document_is_for_everybody_and_may_be_kept(db: Database) {
        let house = House::new(db).await;
        let answer = house.get(paths::API_DOCUMENT).header("Origin", STRANGER).await;
        answer.is(200)
            .has("Content-Type", |kind| kind == "application/yaml")
            .has("Access-Control-Allow-Origin", |origin| origin == "*")
            .has("Cache-Control", |rule| rule == "public, max-age=300");
        assert_eq!(answer.body, document::yaml());
        let tag = answer.header("ETag");
        let again = house.get(paths::API_DOCUMENT).header("If-None-Match", tag).await;
        again.is(304);
        assert!(again.body.is_empty());
    }

    async fn the_page_tells_of_every_operation(db: Database) {
        let house = House::new(db).await;
        let mut browser = house.browser();
        let answer = browser.get(paths::API_DOCS).await;
        answer.shown(200, "Doorward").has("Content-Security-Policy", |policy| !policy.contains("script-src"));
        assert!(!answer.body.contains("<script"));
        let page = answer.page();
        for (path, item) in document::document()["paths"].as_object().expect("paths") {
            for operation in item.as_object().expect("operations").values() {
                let id = operation["operationId"].as_str().expect("an id");
                let heading = page.text_of(&format!("#head-{id}")).unwrap_or_default();
                assert!(heading.ends_with(path), "{id}: {heading}");
            }
        }
        let words = [
            "code_challenge",
            "grant_type authorization_code | refresh_token | client_credentials | urn:ietf:params:oauth:grant-type:device_code | urn:ietf:params:oauth:grant-type:token-exchange required",
            "code_verifier with authorization_code",
            "refresh_token with refresh_token",
            "scope with refresh_token ",
            "scope with client_credentials ",
            "session.expiresAt",
            "INVALID_EMAIL_OR_PASSWORD",
            "email_verified",
            "keys[].kid",
        ];
        for word in words {
            assert!(page.text.contains(word), "{word}");
        }
        browser.post_form(paths::API_DOCS, &[]).await.shown(403, "expired");
    }
}
