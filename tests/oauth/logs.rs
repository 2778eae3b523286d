//! TL-1: what is secret is nowhere but where it must be: not in the log, even when every crate says
//! all that it can, and not in the database, where only digests and sealed boxes are kept.

use std::fs;

use base64::{Engine, engine::general_purpose::STANDARD};
use doorward::{mail, paths};
use entity::{outbox, value::LetterKind};
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use serde_json::json;

use crate::support::{
    binary::Binary, browser::Browser, catalogue::tables, database::both, expect::Tokens,
    house::House, rp::Rp,
};

/// Passwords that were typed, rightly and wrongly.
const RIGHT: &str = "canary-right-4f1d-a long walk by the sea";
const NEXT: &str = "canary-next-77a0-a longer walk by the lake";
const WRONG: &str = "canary-wrong-90c2-not the one";
const GUESSED_SECRET: &str = "cs_canaryCanaryCanaryCanaryCanaryCanaryCanary3";
const GUESSED_CODE: &str = "ac_canaryCanaryCanaryCanaryCanaryCanaryCanary3";
const EMAIL: &str = "canary@example.com";

/// Secrets, each with what it is.
#[derive(Default)]
struct Canaries(Vec<(&'static str, String)>);

impl Canaries {
    fn add(&mut self, what: &'static str, secret: &str) {
        assert!(
            secret.len() > 20,
            "{what} is too short to be found: {secret}"
        );
        self.0.push((what, secret.to_owned()));
    }

    fn tokens(&mut self, tokens: &Tokens) {
        self.add("an access token", &tokens.access_token);
        for token in [&tokens.access_token].into_iter().chain(&tokens.id_token) {
            let (_, signature) = token.rsplit_once('.').expect("a signature");
            self.add("a signature", signature);
        }
        if let Some(token) = &tokens.refresh_token {
            self.add("a refresh token", token);
        }
    }

    fn cookies(&mut self, browser: &Browser<'_>) {
        for name in ["doorward_session", "doorward_visitor"] {
            let value = browser.jar.value(name);
            self.add("a cookie", value.expect("a cookie"));
        }
    }

    /// The canaries that are in `text`, as they are or in another dress.
    fn found_in(&self, text: &[u8]) -> Vec<&'static str> {
        let contains = |needle: &str| {
            let needle = needle.as_bytes();
            text.windows(needle.len()).any(|window| window == needle)
        };
        let hex = |secret: &str| -> String { secret.bytes().map(|b| format!("{b:02x}")).collect() };
        let bytes = |secret: &str| format!("{:?}", secret.as_bytes());
        let dressed = |secret: &str| {
            let encoded = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            let random = secret.get(3..).unwrap_or_default().to_owned();
            [
                secret.to_owned(),
                encoded,
                random,
                hex(secret),
                bytes(secret),
            ]
        };
        let all = self.0.iter();
        all.filter(|(_, secret)| dressed(secret).iter().any(|one| contains(one)))
            .map(|(what, _)| *what)
            .collect()
    }
}

/// Everything that a house keeps, byte for byte.
async fn kept(house: &House, url: &str) -> Vec<u8> {
    let db = &house.app.db.read;
    if db.get_database_backend() != DatabaseBackend::Postgres {
        let file = url.trim_start_matches("sqlite://");
        let log = fs::read(format!("{file}-wal")).unwrap_or_default();
        return [fs::read(file).expect("a database"), log].concat();
    }
    let mut all = String::new();
    for table in tables(db).await {
        let rows = format!("SELECT t::text AS said FROM \"{table}\" AS t");
        let rows = Statement::from_string(db.get_database_backend(), rows);
        for row in db.query_all_raw(rows).await.expect("rows") {
            all += &row.try_get::<String>("", "said").expect("a text");
            all.push('\n');
        }
    }
    all.into_bytes()
}

/// A person's whole life here, with the mistakes that people and programs make.
async fn live(house: &House) -> Canaries {
    let mut canaries = Canaries::default();
    for (what, secret) in [
        ("a password", RIGHT),
        ("a new password", NEXT),
        ("a wrong password", WRONG),
        ("a guessed secret", GUESSED_SECRET),
        ("a guessed code", GUESSED_CODE),
    ] {
        canaries.add(what, secret);
    }
    let rp = Rp::confidential(house).await;
    let secret = rp.client_secret.clone().expect("a secret");
    canaries.add("a client secret", &secret);
    canaries.add(
        "a client's credentials",
        &STANDARD.encode(format!("{}:{secret}", rp.client_id)),
    );
    canaries.add("a code verifier", &rp.code_verifier);

    let mut browser = house.browser();
    let typed = [("email", EMAIL), ("password", RIGHT), ("name", "Canary")];
    browser.get(paths::REGISTER).await.is(200);
    browser
        .submit("#register-form", &typed)
        .await
        .sent_to(paths::ACCOUNT);
    canaries.cookies(&browser);
    let letters = outbox::newest(&house.app.db.read, 10)
        .await
        .expect("letters");
    let letter = letters
        .iter()
        .find(|row| row.kind == LetterKind::VerifyEmail);
    let letter = mail::open(&house.app.sealer, letter.expect("a letter")).expect("our letter");
    let link = letter
        .text
        .split_whitespace()
        .find(|word| word.contains(paths::VERIFY_EMAIL));
    let link = link.expect("a link");
    canaries.add(
        "a mailed secret",
        link.rsplit_once('=').expect("a secret in the link").1,
    );
    browser.get(link).await.is(200);
    browser.submit("#verify-submit", &[]).await;

    let mut other = house.browser();
    other.get_from_stranger(&rp.authorize_url(&[])).await;
    other.follow().await;
    let wrong = [("email", EMAIL), ("password", WRONG)];
    other.submit("#login-form", &wrong).await.is(422);
    let right = [("email", EMAIL), ("password", RIGHT)];
    other
        .submit("#login-form", &right)
        .await
        .sent_to(paths::AUTHORIZE);
    canaries.cookies(&other);
    let consent = other.follow().await.page().form("#consent-approve").pairs();
    for name in ["csrf", "flow"] {
        let (_, value) = consent
            .iter()
            .find(|(own, _)| own == name)
            .expect("a field");
        canaries.add("a form's secret", value);
    }
    let code = other.submit("#consent-approve", &[]).await.code();
    canaries.add("a code", &code);
    rp.exchange(GUESSED_CODE)
        .await
        .oauth_error(400, "invalid_grant");
    let tokens = rp.exchange(&code).await.tokens();
    canaries.tokens(&tokens);
    let refresh_token = tokens.refresh_token.clone().expect("a refresh token");
    canaries.tokens(&rp.refresh(&refresh_token).await.tokens());
    presented(house, &rp, &tokens.access_token, &mut canaries).await;
    rp.exchange(&code).await.oauth_error(400, "invalid_grant");
    let code = other.get_from_stranger(&rp.authorize_url(&[])).await.code();
    canaries.add("a code that is not redeemed", &code);

    browser.get(paths::ACCOUNT_SECURITY).await;
    let typed = [("current_password", WRONG), ("new_password", NEXT)];
    browser.submit("#password-form", &typed).await.is(422);
    let typed = [("current_password", RIGHT), ("new_password", NEXT)];
    browser.submit("#password-form", &typed).await.is(303);
    canaries.cookies(&browser);
    let body = json!({ "email": EMAIL, "password": NEXT }).to_string();
    let signed_in = house
        .post("/api/auth/sign-in/email")
        .body("application/json", body)
        .await;
    let cookie = signed_in.is(200).header("Set-Cookie");
    let (_, cookie) = cookie.split_once('=').expect("a cookie");
    canaries.add("a cookie", cookie.split(';').next().unwrap_or_default());
    let id_token = tokens.id_token.expect("an ID token");
    browser
        .get(&format!("{}?id_token_hint={id_token}", paths::END_SESSION))
        .await;
    browser.get(paths::LOGOUT).await;
    canaries
}

/// Shows tokens and secrets in every right and wrong place.
async fn presented(house: &House, rp: &Rp<'_>, token: &str, canaries: &mut Canaries) {
    house.get(paths::USERINFO).bearer(token).await.ok();
    house
        .post(paths::USERINFO)
        .form(&[("access_token", token)])
        .await
        .ok();
    house
        .get(&format!("{}?access_token={token}", paths::USERINFO))
        .await
        .is(400);
    rp.post(paths::INTROSPECT, &[("token", token)]).await.ok();
    let public = Rp::public(house).await;
    canaries.add("another code verifier", &public.code_verifier);
    let form = [("grant_type", "client_credentials")];
    house
        .post(paths::TOKEN)
        .basic(&rp.client_id, GUESSED_SECRET)
        .form(&form)
        .await
        .client_401();
    let in_form = [
        form[0],
        ("client_id", rp.client_id.as_str()),
        ("client_secret", GUESSED_SECRET),
    ];
    house.post(paths::TOKEN).form(&in_form).await.client_401();
    let in_query = format!(
        "{}?client_secret={GUESSED_SECRET}&code={GUESSED_CODE}",
        paths::TOKEN
    );
    house.post(&in_query).form(&in_form).await.client_401();
    rp.post(paths::REVOKE, &[("token", token)]).await.is(200);
    house
        .get(paths::USERINFO)
        .bearer(token)
        .await
        .bearer_error(401, "invalid_token");
}

both! {
    async fn tl_1_no_secret_is_logged_or_kept(db: Database) {
        let url = db.url.clone();
        let binary = Binary::start(db).await;
        let canaries = live(&binary.house).await;
        assert!(canaries.0.len() > 20);
        let (log, house) = binary.stop();

        // What is searched is there: others than we spoke, and of all of this.
        for said in ["poem::server", "/oauth2/token", "/login", "/account/password", "/api/auth/"] {
            assert!(log.contains(said), "nothing about {said} in {} bytes of log", log.len());
        }
        let kept = kept(&house, &url).await;
        let email = EMAIL.as_bytes();
        assert!(kept.windows(email.len()).any(|window| window == email));

        assert_eq!(canaries.found_in(log.as_bytes()), [""; 0]);
        assert_eq!(canaries.found_in(&kept), [""; 0]);
        // Nor whom it was about.
        assert!(!log.contains(EMAIL), "an address in the log");
    }
}
