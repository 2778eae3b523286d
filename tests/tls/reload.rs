//! A new certificate: whoever connects gets it, and whoever is connected notices nothing.

use doorward::paths;
use reqwest::Client;

use super::{
    made::{Made, private},
    served::{Served, client},
};
use crate::support::database::Database;

/// Whether a server is reached by a client.
async fn reaches(client: &Client, served: &Served) -> bool {
    let url = served.house.url(paths::LIVEZ);
    match client.get(url).send().await {
        Ok(answer) => answer.status() == 200 && answer.bytes().await.is_ok(),
        Err(_) => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_presented_and_open_connections_stay() {
    let served = Served::new(Database::sqlite().await).await;
    let before = client(&served.own, None);
    assert!(reaches(&before, &served).await);

    let new = Made::localhost();
    new.write(served.folder.path());
    // Until somebody looks, nothing changes.
    assert!(reaches(&client(&served.own, None), &served).await);
    served.certificates.look();
    assert!(reaches(&client(&new, None), &served).await);
    assert!(!reaches(&client(&served.own, None), &served).await);
    // This one does not know the new certificate, so it can only be on its old connection.
    assert!(reaches(&before, &served).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_cannot_be_used_change_nothing_until_they_can() {
    let served = Served::new(Database::sqlite().await).await;
    let new = Made::localhost();
    let (pem, key) = (
        served.folder.path().join("server.pem"),
        served.folder.path().join("server.key"),
    );
    // Half of the change: the key is still the old one.
    private(&pem, &new.pem());
    served.certificates.look();
    assert!(reaches(&client(&served.own, None), &served).await);
    for text in ["", "-----BEGIN PRIVATE KEY-----", &served.own.pem()] {
        private(&key, text);
        served.certificates.reload();
        assert!(reaches(&client(&served.own, None), &served).await);
    }
    std::fs::remove_file(&key).expect("a file");
    served.certificates.look();
    assert!(reaches(&client(&served.own, None), &served).await);
    private(&key, &new.key.serialize_pem());
    served.certificates.look();
    assert!(reaches(&client(&new, None), &served).await);
}
