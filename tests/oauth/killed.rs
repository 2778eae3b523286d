//! RT-3: what was seen to be used stays used. The program is killed between a rotation and the replay of
//! what was rotated away, and started again on the same database.

use chrono::TimeDelta;
use doorward::crypto::secret::SecretKind;
use entity::{refresh_token, value::EventKind};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::granted::{digest, events, family_of, live_links};
use crate::support::{binary::Binary, database::both, house::House, rp::Rp};

/// Lets the window pass in which a lost answer may be asked for again: the clock of a program of its
/// own cannot be turned, so what it wrote down is.
async fn spent_earlier(house: &House, token: &str) {
    let db = &house.app.db;
    let digest = digest(house, SecretKind::RefreshToken, token);
    let found = refresh_token::find(&db.read, &digest)
        .await
        .expect("a look-up");
    let (row, _) = found.expect("a refresh token");
    let spent = row.spent_at.expect("it was spent") - TimeDelta::seconds(11);
    let mut row = row.into_active_model();
    row.spent_at = Set(Some(spent));
    row.update(&db.write).await.expect("a change");
}

/// What a client keeps while the server is gone.
struct Kept {
    client_id: String,
    redirect_uri: String,
    code_verifier: String,
}

impl Kept {
    fn at<'a>(&self, house: &'a House) -> Rp<'a> {
        Rp {
            house,
            client_id: self.client_id.clone(),
            client_secret: None,
            redirect_uri: self.redirect_uri.clone(),
            state: String::new(),
            nonce: String::new(),
            code_verifier: self.code_verifier.clone(),
        }
    }
}

both! {
    async fn rt_3_a_spent_token_stays_spent_when_the_program_is_killed(db: Database) {
        let binary = Binary::start(db).await;
        let (kept, code, first, next) = {
            let rp = Rp::public(&binary.house).await;
            let mut browser = binary.house.browser();
            let code = rp.sign_in(&mut browser).await;
            let first = rp.exchange(&code).await.tokens().refresh_token.expect("a refresh token");
            let next = rp.refresh(&first).await.tokens().refresh_token.expect("its successor");
            let Rp { client_id, redirect_uri, code_verifier, .. } = rp;
            (Kept { client_id, redirect_uri, code_verifier }, code, first, next)
        };
        let binary = binary.killed_and_started_again().await;
        let house = &binary.house;
        assert_eq!(live_links(house, &first).await, 1);
        // Within the window a lost answer is given again, also by another process: the same one.
        let again = kept.at(house).refresh(&first).await.tokens().refresh_token;
        assert_eq!(again.as_ref(), Some(&next));

        spent_earlier(house, &first).await;
        kept.at(house).refresh(&first).await.oauth_error(400, "invalid_grant");
        kept.at(house).refresh(&next).await.oauth_error(400, "invalid_grant");
        assert!(family_of(house, &first).await.revoked_at.is_some());
        assert_eq!(events(house, EventKind::RefreshTokenReplayed).await, 1);

        // And once more: what has ended does not come back.
        let binary = binary.killed_and_started_again().await;
        let rp = kept.at(&binary.house);
        rp.refresh(&next).await.oauth_error(400, "invalid_grant");
        rp.exchange(&code).await.oauth_error(400, "invalid_grant");
    }
}
