//! JW-5: a request object that says a thing twice: who reads the first and who reads the last differ.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::pushing::{Signing, header, object, oidc, push, request_uri};
use crate::support::{database::both, house::House};

both! {
    async fn jw_5_a_request_object_says_each_thing_once(db: Database) {
        let house = House::new(db).await;
        let signing = Signing::es256();
        let rp = signing.client(&house, oidc).await;
        let plain = object(&house, &rp, &json!({})).to_string();
        let signed = header(signing.key.alg, &json!({})).to_string();
        let none = header("none", &json!({})).to_string();
        let sign = |header: &str, claims: &str| signing.key.sign(header, claims);
        let unsigned = |header: &str, claims: &str| {
            let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
            format!("{}.{}.", part(header), part(claims))
        };
        for good in [sign(&signed, &plain), unsigned(&none, &plain)] {
            request_uri(&push(&rp, &[("request", Some(&good))]).await);
        }
        let before = house.rows().await;
        let again = |json: &str, more: &str| json.replacen('{', &format!("{{{more},"), 1);
        for more in [
            r#""redirect_uri":"https://app.example/cb""#,
            r#""redirect_uri":"https://evil.example/cb""#,
            r#""aud":"https://elsewhere.example""#,
            r#""scope":"openid""#,
            r#""\u0073cope":"openid""#,
            r#""x":1,"x":1"#,
        ] {
            let twice = again(&plain, more);
            for object in [sign(&signed, &twice), unsigned(&none, &twice)] {
                let answer = push(&rp, &[("request", Some(&object))]).await;
                answer.oauth_error(400, "invalid_request_object");
            }
        }
        for more in [r#""typ":"jwt""#, r#""alg":"none""#, r#""kid":"k2""#] {
            for object in [sign(&again(&signed, more), &plain), unsigned(&again(&none, more), &plain)] {
                let answer = push(&rp, &[("request", Some(&object))]).await;
                answer.oauth_error(400, "invalid_request_object");
            }
        }
        assert_eq!(house.rows().await, before);
    }
}
