//! XS-3: the page that carries an answer to the client by a form (OAuth 2.0 Form Post Response Mode).
//! How it behaves in a browser: `tests/browser/form_post.test.mjs`.

use base64::{Engine, engine::general_purpose::STANDARD};
use doorward::crypto::sha256;
use entity::value::{ApplicationType, Profile};
use html5gum::{Token, Tokenizer};

use super::response_types::{ALL, ask, front, refused, said};
use crate::support::{answer::Answer, database::both, house::House, rp::Rp};

const POST: (&str, Option<&str>) = ("response_mode", Some("form_post"));

/// Markup for every place in which a value could stand.
const MARKUP: &str = r#""'></title></textarea><script>alert(1)</script><img src=x onerror=alert(1)>{{7777777*3}}&amp;"#;

/// What stands between the tags of the only script.
#[track_caller]
fn script(answer: &Answer) -> &str {
    let lower = answer.body.to_ascii_lowercase();
    assert_eq!(lower.matches("<script").count(), 1, "{}", answer.body);
    let from = answer.body.find("<script>").expect("a script") + "<script>".len();
    let to = answer.body.find("</script>").expect("its end");
    &answer.body[from..to]
}

/// The attributes whose names begin with "on", read as a browser reads them.
fn handlers(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for Ok(token) in Tokenizer::new(html) {
        if let Token::StartTag(tag) = token {
            let names = tag.attributes.keys();
            let names = names.map(|name| String::from_utf8_lossy(name).into_owned());
            found.extend(names.filter(|name| name.starts_with("on")));
        }
    }
    found
}

/// The page can do what it is for, and nothing else.
#[track_caller]
fn guarded(answer: &Answer, target: &str) {
    answer.is(200);
    let hash = STANDARD.encode(sha256(script(answer).as_bytes()));
    let policy = answer.header("Content-Security-Policy");
    let mut rules: Vec<&str> = policy.split("; ").collect();
    rules.sort_unstable();
    let [script, action] = [
        format!("script-src 'sha256-{hash}'"),
        format!("form-action {target}"),
    ];
    assert_eq!(
        rules,
        [
            "base-uri 'none'",
            "default-src 'none'",
            action.as_str(),
            "frame-ancestors 'none'",
            "img-src data:",
            script.as_str(),
            "style-src 'self'",
        ]
    );
    answer.has("Cache-Control", |rule| rule.contains("no-store"));
    answer.has("Referrer-Policy", |rule| {
        rule == "no-referrer" || rule == "same-origin"
    });
    answer.has("X-Content-Type-Options", |rule| rule == "nosniff");
    assert_eq!(handlers(&answer.body), Vec::<String>::new());
}

both! {
    async fn xs_3_the_page_posts_to_the_client_and_nowhere_else(db: Database) {
        let house = House::new(db).await;
        for (uri, kind, source) in [
            ("https://app.example/cb", ApplicationType::Web, "https://app.example"),
            ("https://app.example:8443/cb?x=1&y=%22", ApplicationType::Web, "https://app.example:8443"),
            ("http://127.0.0.1:4000/cb", ApplicationType::Native, "http://127.0.0.1:4000"),
        ] {
            let rp = Rp::with(&house, |new| {
                new.profile = Profile::Oidc;
                new.application_type = kind;
                new.redirect_uris = vec![uri.to_owned()];
            })
            .await;
            let mut browser = house.browser();
            let answer = ask(&rp, &mut browser, &[POST]).await;
            guarded(answer, source);
            let said = said(&rp, answer, "form_post");
            let names: Vec<&str> = said.keys().map(String::as_str).collect();
            assert_eq!(names, ["code", "iss", "state"]);
            // A button for who has no scripts.
            answer.page().form("#form-post-submit");
            rp.exchange(&said["code"]).await.tokens();

            let wrong = [POST, ("scope", Some("\"<"))];
            let answer = browser.get_from_stranger(&rp.authorize_url(&wrong)).await;
            guarded(answer, source);
            refused(&rp, answer, "form_post", "invalid_scope");
        }
    }

    async fn xs_3_markup_in_a_state_comes_back_as_text(db: Database) {
        let house = House::new(db).await;
        let rp = front(&house, &ALL).await;
        let mut browser = house.browser();
        for (state, kind) in [(MARKUP, "code"), ("a\tb\u{2028}é &amp;", "code id_token"), ("", "code")] {
            let changes = [POST, ("state", Some(state)), ("response_type", Some(kind))];
            let answer = ask(&rp, &mut browser, &changes).await;
            guarded(answer, "https://app.example");
            let given = said(&rp, answer, "form_post");
            assert_eq!(given.get("state").map_or("", String::as_str), state);
            assert!(!answer.body.contains("<img") && !answer.body.contains("23333331"));
            // The same where it is an error that is answered.
            let wrong = [POST, ("state", Some(state)), ("response_type", Some("nonsense"))];
            let answer = browser.get_from_stranger(&rp.authorize_url(&wrong)).await;
            guarded(answer, "https://app.example");
            let given = said(&rp, answer, "form_post");
            assert_eq!(given.get("state").map_or("", String::as_str), state);
            assert_eq!(given["error"], "unsupported_response_type");
        }
    }
}
