//! JW-10: what a token says of itself nobody else can say: no claim of a person, no wish of a client and
//! no member of a registration is called like it.

use doorward::{paths, tokens::claims::CLAIMS};
use entity::value::StandardClaims;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{
    granted::{Granted, names},
    jwt::claims,
    registering::{Registered, registering},
};
use crate::support::{database::both, expect::Tokens, house::House};

/// The names that mean something to whoever judges a token (RFC 7519 §4.1, OpenID Connect Core §2,
/// RFC 9068 §2.2, RFC 8693 §4, RFC 7800 §3.1).
const RESERVED: [&str; 22] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "nonce",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "auth_time",
    "acr",
    "amr",
    "azp",
    "client_id",
    "scope",
    "cnf",
    "act",
    "may_act",
    "typ",
];

/// All of them, with a value that would do harm.
fn evil() -> Value {
    let pairs = RESERVED.map(|name| (name.to_owned(), json!("https://evil.example")));
    Value::Object(pairs.into_iter().collect())
}

#[test]
fn jw_10_no_claim_of_a_person_has_a_name_of_a_token() {
    for claim in CLAIMS {
        assert!(!RESERVED.contains(&claim.name), "{}", claim.name);
    }
    // Where a person's claims are taken in, other names are left out, or refused.
    let read: Result<StandardClaims, _> = serde_json::from_value(evil());
    if let Ok(read) = read {
        let kept = serde_json::to_value(&read).expect("JSON");
        assert!(names(&kept).is_empty(), "{kept}");
    }
}

/// What the tokens say, with what each of them says at userinfo.
async fn said(house: &House, tokens: &Tokens) -> Vec<Value> {
    let id_token = tokens.id_token.as_deref().expect("an ID token");
    let userinfo = house
        .get(paths::USERINFO)
        .bearer(&tokens.access_token)
        .await
        .ok();
    vec![claims(id_token), claims(&tokens.access_token), userinfo]
}

/// Every value of a reserved name, but those that differ from token to token.
fn of_the_token(said: &[Value]) -> Vec<Value> {
    let differs = ["exp", "iat", "jti", "at_hash", "nonce"];
    let of = |one: &Value| {
        let kept = RESERVED.iter().filter(|name| !differs.contains(name));
        kept.map(|name| one[*name].clone()).collect::<Value>()
    };
    said.iter().map(of).collect()
}

both! {
    async fn jw_10_what_lies_in_the_row_of_a_person_says_nothing_about_a_token(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let before = said(&house, &granted.tokens().await).await;
        let change = format!("UPDATE \"user\" SET profile = '{}'", evil());
        house.app.db.write.execute_unprepared(&change).await.expect("a change");
        let after = said(&house, &granted.tokens().await).await;
        assert_eq!(of_the_token(&after), of_the_token(&before));
        assert!(!json!(after).to_string().contains("evil"), "{after:?}");
    }

    async fn jw_10_a_client_can_wish_for_no_such_claim(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let before = said(&house, &granted.tokens().await).await;
        for wish in [json!(null), json!({ "essential": true }), json!({ "value": "https://evil.example" })] {
            // `sub` and `acr` may be wished for, and are another test's business.
            let of = RESERVED.iter().filter(|name| !["sub", "acr"].contains(*name));
            let wishes: Value = of.map(|name| ((*name).to_owned(), wish.clone())).collect::<serde_json::Map<_, _>>().into();
            let asked = json!({ "id_token": wishes, "userinfo": wishes }).to_string();
            let code = granted.code_for(&[("claims", Some(&asked))]).await;
            let after = said(&house, &granted.rp.exchange(&code).await.tokens()).await;
            assert_eq!(of_the_token(&after), of_the_token(&before), "{wish}");
            assert!(!json!(after).to_string().contains("evil"), "{after:?}");
        }
    }

    async fn jw_10_a_client_can_register_no_such_claim(db: Database) {
        let house = registering(db).await;
        let mut members = evil();
        // These are members of a registration, and have rules of their own.
        for own in ["client_id", "scope"] {
            members.as_object_mut().expect("an object").remove(own);
        }
        let client = Registered::new(&house, &members).await;
        for name in members.as_object().expect("an object").keys() {
            assert_eq!(client.told.get(name), None, "{name}");
        }
        let mut granted = Granted::to(&house, client.rp()).await;
        let said = said(&house, &granted.tokens().await).await;
        assert!(!json!(said).to_string().contains("evil"), "{said:?}");
    }
}
