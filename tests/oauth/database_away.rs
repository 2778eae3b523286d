//! RT-9: what cannot be written is not said to be done. A database that is gone, or that only reads, is
//! told of with 503 and when to ask again; nobody hears that something has ended which has not.

use doorward::paths;
use entity::Db;
use sea_orm::{ConnectionTrait, DatabaseBackend};

use super::granted::{Granted, digest, sqlite};
use crate::support::{answer::Answer, database::both, house::House};

/// Every connection of the house goes away, and none comes back.
async fn gone(db: &Db) {
    for pool in [&db.write, &db.read] {
        pool.clone().close().await.expect("an end");
    }
}

/// The database still answers, and takes nothing.
async fn read_only(house: &House, url: &str) {
    let db = &house.app.db.write;
    if db.get_database_backend() == DatabaseBackend::Sqlite {
        // The one writer.
        let set = db.execute_unprepared("PRAGMA query_only = ON").await;
        set.expect("a setting");
        return;
    }
    let other = Db::connect(url, 1).await.expect("a connection").write;
    let name = url.rsplit('/').next().expect("a name");
    // Only new connections know of it; the pool notices that the old ones have died.
    for statement in [
        format!("ALTER DATABASE {name} SET default_transaction_read_only = on"),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()"
            .to_owned(),
    ] {
        other
            .execute_unprepared(&statement)
            .await
            .expect("a setting");
    }
    other.close().await.expect("an end");
}

#[track_caller]
fn away(answer: &Answer) {
    answer.is(503);
    answer.has("Retry-After", |seconds| seconds.parse::<u32>().is_ok());
    assert!(
        !answer.body.to_lowercase().contains("sql"),
        "{}",
        answer.told()
    );
}

both! {
    async fn rt_9_a_revocation_that_cannot_be_written_is_not_done(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let tokens = granted.tokens().await;
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        gone(&house.app.db).await;
        for token in [&refresh_token, &tokens.access_token] {
            away(&granted.rp.post(paths::REVOKE, &[("token", token)]).await);
            away(&granted.introspected(token).await);
        }
        away(&granted.rp.refresh(&refresh_token).await);
        away(&house.get(paths::USERINFO).bearer(&tokens.access_token).await);
        house.get(paths::READYZ).await.is(503);
        // What needs no database goes on.
        for path in [paths::JWKS, paths::DISCOVERY_OPENID, paths::LIVEZ] {
            house.get(path).await.is(200);
        }
    }

    async fn rt_9_a_database_that_only_reads_ends_nothing(db: Database) {
        let url = db.url.clone();
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let tokens = granted.tokens().await;
        let code = granted.code().await;
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        read_only(&house, &url).await;
        for token in [&refresh_token, &tokens.access_token] {
            let mut answer = granted.rp.post(paths::REVOKE, &[("token", token)]).await;
            // On PostgreSQL the first who meet a dead connection are told of that.
            for _ in 0..32 {
                away(&answer);
                answer = granted.rp.post(paths::REVOKE, &[("token", token)]).await;
            }
            away(&answer);
        }
        away(&granted.rp.exchange(&code).await);
        for token in [&refresh_token, &tokens.access_token] {
            assert_eq!(granted.introspected(token).await.ok()["active"], true);
        }
    }
}

/// A page says so too, and offers no half of anything.
#[tokio::test]
async fn rt_9_a_person_who_cannot_be_signed_out_is_told() {
    let house = sqlite().await;
    let mut granted = Granted::confidential(&house).await;
    granted.browser.get(paths::LOGOUT).await.is(200);
    let cookie = granted
        .browser
        .jar
        .value("doorward_session")
        .expect("a cookie")
        .to_owned();
    let session = digest(
        &house,
        doorward::crypto::secret::SecretKind::Session,
        &cookie,
    );
    read_only(&house, "").await;
    let answer = granted.browser.submit("#logout-confirm", &[]).await;
    answer.shown(503, "We cannot answer just now");
    answer.has("Retry-After", |seconds| seconds.parse::<u32>().is_ok());
    answer.has("Set-Cookie", str::is_empty);
    let now = house.app.clock.now();
    let live = entity::session::live(&house.app.db.read, &session, now).await;
    assert!(live.expect("a look-up").is_some(), "the session goes on");
}
