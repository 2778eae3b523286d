//! SE-3: what ends takes along what it began: the next request with the old cookie, access token,
//! refresh token or code is refused.

use doorward::{accounts::operate, paths};

use super::world::{opens, planted, session, sign_in, signed_in, user};
use crate::support::{database::both, expect::Tokens, house::House, rp::Rp};

/// Somebody signed in in a browser, with an app that has tokens: for as long as the session lasts,
/// and for longer.
struct Begun<'a> {
    house: &'a House,
    rp: Rp<'a>,
    cookie: String,
    code: String,
    short: Tokens,
    long: Tokens,
}

impl<'a> Begun<'a> {
    async fn new(house: &'a House) -> Self {
        let rp = Rp::confidential(house).await;
        let mut browser = signed_in(house).await;
        let code = rp.sign_in(&mut browser).await;
        let long = rp.exchange(&code).await.tokens();
        let short = [("scope", Some("openid email")), ("prompt", Some("none"))];
        let code = browser
            .get_from_stranger(&rp.authorize_url(&short))
            .await
            .code();
        let short = rp.exchange(&code).await.tokens();
        let silent = [("prompt", Some("none"))];
        let code = browser
            .get_from_stranger(&rp.authorize_url(&silent))
            .await
            .code();
        let begun = Self {
            house,
            rp,
            cookie: session(&browser),
            code,
            short,
            long,
        };
        assert_eq!(begun.live().await, [true; 4]);
        begun
    }

    /// Whether the cookie, the two access tokens and the refresh token are good. Looking at the
    /// refresh token by introspection leaves it as it is.
    async fn live(&self) -> [bool; 4] {
        let refresh = self.long.refresh_token.as_deref().expect("a refresh token");
        let mut live = [opens(self.house, &self.cookie).await, false, false, false];
        let tokens = [
            self.short.access_token.as_str(),
            &self.long.access_token,
            refresh,
        ];
        for (token, live) in tokens.into_iter().zip(&mut live[1..]) {
            let told = self
                .rp
                .post(paths::INTROSPECT, &[("token", token)])
                .await
                .ok();
            *live = told["active"].as_bool().expect("a word");
        }
        live
    }

    /// Fails unless nothing of it is accepted anywhere.
    async fn is_dead(&self) {
        assert_eq!(self.live().await, [false; 4]);
        for token in [&self.short.access_token, &self.long.access_token] {
            let userinfo = self.house.get(paths::USERINFO).bearer(token);
            userinfo.await.bearer_error(401, "invalid_token");
        }
        let refresh = self.long.refresh_token.as_deref().expect("a refresh token");
        self.rp
            .refresh(refresh)
            .await
            .oauth_error(400, "invalid_grant");
        self.rp
            .exchange(&self.code)
            .await
            .oauth_error(400, "invalid_grant");
    }
}

both! {
    async fn se_3_nothing_of_a_disabled_user_is_accepted(db: Database) {
        let house = House::new(db).await;
        let begun = Begun::new(&house).await;
        let user = user(&house, "ada@example.com").await;
        assert!(operate::disable(&house.app, &user).await.expect("a change"));
        begun.is_dead().await;
        // And nothing comes back to life with the account.
        assert!(operate::enable(&house.app, &user).await.expect("a change"));
        begun.is_dead().await;
        sign_in(&mut house.browser(), house.person().await).await;
    }

    async fn se_3_nothing_of_a_removed_user_is_accepted(db: Database) {
        let house = House::new(db).await;
        let begun = Begun::new(&house).await;
        let user = user(&house, "ada@example.com").await;
        assert!(operate::remove(&house.app, &user).await.expect("a change"));
        begun.is_dead().await;
        for table in ["session", "account", "consent", "token_family", "refresh_token"] {
            assert_eq!(house.rows().await[table], 0, "{table}");
        }
    }

    async fn se_3_signing_out_everywhere_is_everywhere(db: Database) {
        let house = House::new(db).await;
        let begun = Begun::new(&house).await;
        let mut elsewhere = signed_in(&house).await;
        elsewhere.get(paths::ACCOUNT_SESSIONS).await;
        elsewhere.submit("#revoke-others", &[]).await.sent_to(paths::ACCOUNT_SESSIONS);
        begun.is_dead().await;
        assert!(opens(&house, &session(&elsewhere)).await);
    }

    async fn se_3_a_new_password_ends_what_the_old_one_began(db: Database) {
        let house = House::new(db).await;
        let begun = Begun::new(&house).await;
        let person = house.person().await;
        let mut elsewhere = signed_in(&house).await;
        elsewhere.get(paths::ACCOUNT_SECURITY).await;
        let typed = [("current_password", person.password), ("new_password", "seven ladders to the moon")];
        elsewhere.submit("#password-form", &typed).await.sent_to(paths::ACCOUNT_SECURITY);
        begun.is_dead().await;
    }

    async fn se_3_signing_out_ends_what_lives_with_the_session(db: Database) {
        let house = House::new(db).await;
        let begun = Begun::new(&house).await;
        let mut browser = planted(&house, &begun.cookie);
        browser.get(paths::ACCOUNT).await;
        browser.submit("#logout-form", &[]).await.sent_to(paths::LOGOUT_DONE);
        // What was allowed for the time that nobody is there goes on (OpenID Connect Core §11).
        assert_eq!(begun.live().await, [false, false, true, true]);
    }
}
