//! Served: a house behind TLS on two ports of its own, and clients that connect to them.

use std::{future::pending, net::SocketAddr, sync::Arc};

use doorward::{
    config::{Mtls, Server, Tls},
    server::{self, tls::certificates::Certificates},
};
use poem::{Endpoint, EndpointExt, Request, Response, endpoint::make, http::Method};
use reqwest::{Certificate, Client, Identity, redirect::Policy};
use url::Url;

use super::made::{Authority, Made, private};
use crate::support::{
    call::{Call, Doors},
    database::Database,
    folder::Folder,
    house::House,
};

/// A house that is reached by TLS only.
pub struct Served {
    pub house: House,
    pub own: Made,
    pub address: SocketAddr,
    /// Where clients are asked for a certificate.
    pub clients: SocketAddr,
    pub certificates: Arc<Certificates>,
    /// Vouches for those who are known by a name.
    pub authority: Authority,
    pub folder: Folder,
}

impl Served {
    pub async fn new(database: Database) -> Self {
        let folder = Folder::new();
        let own = Made::localhost();
        own.write(folder.path());
        let authority = Authority::named("An authority");
        private(&folder.path().join("authorities.pem"), &authority.pem());
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut config = Server {
            listen: any,
            client_certificate_authorities: Some(folder.path().join("authorities.pem")),
            tls: Tls {
                certificate: Some(folder.path().join("server.pem")),
                key: Some(folder.path().join("server.key")),
            },
            mtls: Mtls {
                listen: Some(any),
                url: None,
            },
            ..Server::default()
        };
        let listening = server::listen(&config).await.expect("two ports");
        let address = listening.address();
        let clients = listening.clients_address().expect("a second port");
        let certificates = listening.certificates().expect("a certificate");
        config.issuer = format!("https://localhost:{}", address.port());
        config.mtls.url = Some(format!("https://localhost:{}", clients.port()));
        let to = Url::parse(&config.issuer).expect("an issuer");
        let doors = through(client(&own, None), to);
        let set = |all: &mut doorward::config::Config| {
            all.server = config;
            all.development = false;
        };
        let house = House::behind(database, set, |app| {
            // Ends with the test's runtime.
            tokio::spawn(server::serve(app, listening, pending()));
            doors
        })
        .await;
        Self {
            house,
            own,
            address,
            clients,
            certificates,
            authority,
            folder,
        }
    }

    /// The address of a path where clients are asked for a certificate.
    pub fn clients_url(&self, path: &str) -> Url {
        let url = self.house.app.config.server.mtls.url.as_deref();
        let url = Url::parse(url.expect("an alias")).expect("a URL");
        url.join(path).expect("a path")
    }

    /// A request of a client that has this certificate, or none.
    pub fn call(&self, method: Method, path: &str, certificate: Option<&Made>) -> Call {
        let url = self.clients_url(path);
        let doors: Doors = Arc::new(
            through(client(&self.own, certificate), url.clone())
                .map_to_response()
                .boxed(),
        );
        Call::new(doors, method, url)
    }
}

/// A client that trusts this server, and shows `certificate` where it is asked for one.
pub fn client(server: &Made, certificate: Option<&Made>) -> Client {
    let root = Certificate::from_pem(server.pem().as_bytes()).expect("a certificate");
    let mut client = Client::builder()
        .redirect(Policy::none())
        .tls_certs_only([root]);
    if let Some(certificate) = certificate {
        let identity = Identity::from_pem(certificate.both().as_bytes());
        client = client.identity(identity.expect("a certificate and its key"));
    }
    client.build().expect("a client")
}

/// Passes each request on, as it is.
fn through(client: Client, to: Url) -> impl Endpoint<Output = Response> + 'static {
    make(move |mut request: Request| {
        let (client, to) = (client.clone(), to.clone());
        async move {
            let path = request.uri().to_string();
            let url = to.join(&path).expect("a path");
            let mut headers = request.headers().clone();
            headers.remove("host");
            let call = client
                .request(request.method().clone(), url)
                .headers(headers)
                .body(request.take_body().into_vec().await?);
            let answer = call.send().await.map_err(poem::error::BadGateway)?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            let body = answer.bytes().await.map_err(poem::error::BadGateway)?;
            let mut response = Response::builder().status(status).body(body.to_vec());
            *response.headers_mut() = headers;
            Ok::<_, poem::Error>(response)
        }
    })
}
