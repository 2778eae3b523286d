//! The admin API, as operators, their programs and everybody else meet it.

mod doors;
mod keys;
mod permissions;

use doorward::paths;
use entity::{
    user,
    value::{ADMIN, Role},
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

use crate::support::{house::House, rp::Rp};

/// The path of a door, by what comes after the version.
pub fn at(rest: &str) -> String {
    format!("{}/v1{rest}", paths::API_ADMIN)
}

/// A client that was registered for the admin API.
pub async fn operator(house: &House) -> Rp<'_> {
    Rp::with(house, |new| {
        let scope = format!("openid email offline_access {ADMIN} other");
        new.scope = scope.parse().expect("a scope");
    })
    .await
}

/// A token of a client for itself.
pub async fn own_token(rp: &Rp<'_>, scope: &str) -> String {
    let form = [("grant_type", "client_credentials"), ("scope", scope)];
    rp.token(&form).await.tokens().access_token
}

/// A token of the house's person, for which they allowed `scope`.
pub async fn persons_token(house: &House, rp: &Rp<'_>, scope: &str) -> String {
    let person = house.person().await;
    let mut browser = house.browser();
    let url = rp.authorize_url(&[("scope", Some(scope))]);
    browser.get_from_stranger(&url).await;
    browser.follow().await;
    let typed = [("email", person.email), ("password", person.password)];
    browser.submit("#login-form", &typed).await;
    if browser.follow().await.url.path() == paths::CONSENT {
        browser.submit("#consent-approve", &[]).await;
    }
    let code = browser.follow().await.code();
    rp.exchange(&code).await.tokens().access_token
}

/// Makes the house's person an administrator, or no longer one.
pub async fn role(house: &House, role: Role) {
    let (person, db) = (house.person().await, &house.app.db);
    let all = user::Entity::find().all(&db.read).await.expect("the users");
    let own = all.into_iter().find(|user| user.email == person.email);
    let mut row = own.expect("the person").into_active_model();
    row.role = Set(role);
    row.update(&db.write).await.expect("a role");
}
