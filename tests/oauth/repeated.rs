//! RU-8: a parameter that is sent twice (RFC 6749 §3.1, §3.2): the one who reads the first and the
//! one who reads the last must not be able to differ.

use doorward::paths;
use url::{Url, form_urlencoded};

use super::granted::Granted;
use crate::support::{database::both, house::House, rp::Rp};

/// A form with whatever is in it, as it is sent.
fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

both! {
    async fn ru_8_at_the_authorization_endpoint(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let before = house.rows().await;
        let more = [("prompt", Some("none")), ("max_age", Some("9000")), ("extra", Some("1"))];
        let usual = granted.rp.authorize_url(&more);
        let query = Url::parse(&usual).expect("a URL");
        let known: Vec<(String, String)> = query.query_pairs().into_owned().collect();
        for (name, value) in &known {
            for second in [value.as_str(), "other", ""] {
                let twice = format!("{usual}&{}", form(&[(name, second)]));
                let answer = granted.browser.get_from_stranger(&twice).await.clone();
                // The same, half in the query and half in a form.
                let rest = [(name.as_str(), second)];
                granted.browser.post_from_stranger(&usual, &rest).await.sent_to(paths::AUTHORIZE);
                let by_form = granted.browser.follow().await.clone();
                for answer in [&answer, &by_form] {
                    match name.as_str() {
                        "client_id" | "redirect_uri" => {
                            answer.shown(400, "Authorization error");
                        }
                        // Which of the two would be the client's nobody can know.
                        "state" => {
                            let to = answer.location().expect("a Location");
                            assert!(to.as_str().starts_with(&granted.rp.redirect_uri), "{to}");
                            let of = |name: &str| to.query_pairs().find(|(own, _)| own == name);
                            assert_eq!(of("error").expect("an error").1, "invalid_request");
                            assert!(of("state").is_none() && of("code").is_none(), "{to}");
                        }
                        _ => {
                            answer.answered("invalid_request");
                        }
                    }
                }
            }
        }
        assert_eq!(house.rows().await, before);
    }

    async fn ru_8_at_the_token_endpoint(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let code = granted.code().await;
        let rp = &granted.rp;
        let usual = [
            ("grant_type", "authorization_code"),
            ("client_id", rp.client_id.as_str()),
            ("code", code.as_str()),
            ("redirect_uri", rp.redirect_uri.as_str()),
            ("code_verifier", rp.code_verifier.as_str()),
            ("extra", "1"),
        ];
        let before = house.rows().await;
        for (name, value) in usual {
            for second in [value, "other", ""] {
                let twice = [&usual[..], &[(name, second)]].concat();
                let answer = house.post(paths::TOKEN).form(&twice).await;
                answer.oauth_error(400, "invalid_request");
            }
        }
        assert_eq!(house.rows().await, before);

        // RFC 6749 §3.2: what stands in the query of a token request is not a parameter. Swagger UI
        // repeats there what it was told to add to the authorization request.
        let more = format!("{}?client_id=other&grant_type=password&resource=x", paths::TOKEN);
        house.post(&more).form(&usual).await.tokens();
    }

    async fn ru_8_where_tokens_are_shown(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let token = granted.tokens().await.access_token;
        let rp: &Rp<'_> = &granted.rp;
        for path in [paths::INTROSPECT, paths::REVOKE] {
            for twice in [
                [("token", token.as_str()), ("token", token.as_str())],
                [("token", token.as_str()), ("token", "other")],
            ] {
                rp.post(path, &twice).await.oauth_error(400, "invalid_request");
            }
        }
        let twice = [("access_token", token.as_str()), ("access_token", "other")];
        let answer = house.post(paths::USERINFO).form(&twice).await;
        answer.oauth_error(400, "invalid_request");
        let twice = house.get(paths::USERINFO).bearer(&token).bearer(&token).await;
        twice.oauth_error(400, "invalid_request");
        let both = house.post(paths::USERINFO).bearer(&token).form(&[("access_token", &token)]);
        both.await.oauth_error(400, "invalid_request");
        house.get(paths::USERINFO).bearer(&token).await.ok();
    }
}
