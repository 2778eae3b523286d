//! Telling clients of a logout: one host that keeps us waiting, under however many names, leaves room
//! for the others.

use std::time::Duration;

use doorward::jobs;
use entity::session_client;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use tokio::net::TcpListener;

use super::{
    backchannel_logout_receiver::Receiver,
    granted::{Granted, client_row},
};
use crate::support::{database::both, house::House, rp::Rp};

both! {
    async fn one_host_that_never_answers_keeps_no_other_waiting(db: Database) {
        let receiver = Receiver::new().await;
        // Takes connections and never says a word.
        let dead = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = dead.local_addr().expect("an address").port();
        let dead_at = format!("http://localhost:{port}");
        let house = House::with(db, |config| {
            config.fetch.private_origins = vec![receiver.origin(), dead_at.clone()];
            config.fetch.timeout_milliseconds = 60_000;
        })
        .await;
        let granted = Granted::to(&house, Rp::confidential(&house).await).await;
        let app = &house.app;
        let (model, session) = (client_row(&house, &granted.rp).await, granted.session().await);
        let tx = app.db.begin().await.expect("a transaction");
        // More of them than can be under way at once, and the one that answers after them all.
        for number in 0..=150 {
            let mut row = model.clone();
            row.id = app.new_id();
            row.client_id = format!("client-{number}");
            row.metadata = receiver.metadata("/");
            if number < 150 {
                row.metadata.backchannel_logout_uri = Some(format!("{dead_at}/"));
            }
            let id = row.id;
            row.into_active_model().reset_all().insert(&tx).await.expect("a client");
            assert!(session_client::note(&tx, session.id, id).await.expect("a note"));
        }
        tx.commit().await.expect("the clients");
        doorward::sessions::revoke_all(app, session.user_id, None).await.expect("revoked");
        let carried = tokio::spawn({
            let app = app.clone();
            async move { jobs::logout::deliver(&app).await }
        });
        receiver.hears(Duration::from_secs(30)).await;
        assert_eq!(receiver.heard().len(), 1);
        carried.abort();
    }
}
