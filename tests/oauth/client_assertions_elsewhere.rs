//! Client assertions at the endpoints where a grant only begins: pushed requests (RFC 9126 §2) and
//! the device flow (RFC 8628 §3.1).

use doorward::paths;
use entity::value::GrantType;
use serde_json::json;
use url::Url;

use crate::support::{
    asserting::{Asserting, present},
    call::at_once,
    database::both,
    dpop::DpopKey,
    house::House,
};

both! {
    async fn ca_1_a_grant_begins_with_the_same_proof(db: Database) {
        let house = House::new(db).await;
        let client = Asserting::with(&house, DpopKey::new(), |new| {
            new.grant_types = Some(vec![GrantType::AuthorizationCode, GrantType::DeviceCode]);
        })
        .await;
        let asked = Url::parse(&client.rp.authorize_url(&[])).expect("a URL");
        let asked: Vec<(String, String)> = asked.query_pairs().into_owned().collect();
        let asked: Vec<(&str, &str)> =
            asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let device = vec![("scope", "openid"), ("client_id", client.id())];
        for (path, form, good) in [
            (paths::PAR, asked, 201),
            (paths::DEVICE_AUTHORIZATION, device, 200),
        ] {
            let url = |path: &str| json!({ "aud": house.app.url(path) });
            let by = |assertion: &str| present(&house, path, &form, assertion);
            let before = house.rows().await;
            house.post(path).form(&form).await.client_401();
            by("a.b.c").await.client_401();
            by(&client.assertion(&url(paths::USERINFO))).await.client_401();
            by(&client.assertion(&url(paths::REVOKE))).await.client_401();
            by(&client.assertion(&json!({ "jti": null }))).await.client_401();
            assert_eq!(house.rows().await, before);
            // RFC 9126 §2 names these three.
            by(&client.assertion(&json!({}))).await.is(good);
            by(&client.assertion(&url(paths::TOKEN))).await.is(good);
            by(&client.assertion(&url(path))).await.is(good);
            // CA-2.
            let once = client.assertion(&json!({}));
            let answers = at_once((0..64).map(|_| by(&once)).collect()).await;
            let (won, lost): (Vec<_>, Vec<_>) =
                answers.iter().partition(|answer| answer.status == good);
            assert_eq!(won.len(), 1);
            for answer in lost {
                answer.client_401();
            }
        }
    }
}
