//! Who sends a token request: the key to which its tokens are bound (RFC 9449 §5, RFC 8705 §3).

use entity::{client, value::Confirmation};

use crate::oauth::error::OauthError;

/// What is known of the sender of a token request beside its client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// The key to which the tokens are bound; none for tokens of whoever bears them.
    pub confirmation: Option<Confirmation>,
}

impl Sender {
    /// The sender of a request with a proof of `jkt` and the certificate `x5t`, if it is one from
    /// whom `client` may take tokens.
    pub fn new(
        client: &client::Model,
        jkt: Option<String>,
        x5t: Option<String>,
    ) -> Result<Self, OauthError> {
        let wants = |flag: Option<bool>| flag.unwrap_or(false);
        let wants_key = wants(client.metadata.dpop_bound_access_tokens);
        let wants_certificate = wants(client.metadata.tls_client_certificate_bound_access_tokens);
        // §5.2: a client that is set up for proofs is not talked out of them.
        if wants_key && jkt.is_none() {
            return Err(OauthError::invalid_request(
                "the client must send a DPoP proof",
            ));
        }
        if wants_certificate && x5t.is_none() {
            return Err(OauthError::invalid_request(
                "the client must send its certificate",
            ));
        }
        let must_be_bound = client.demands().bound_tokens;
        // A certificate that came along binds nothing unless it is to: its client may have sent it
        // only to prove itself, and have no way to send it to the resources.
        let takes_certificate = wants_certificate || (must_be_bound && jkt.is_none());
        let confirmation = Confirmation {
            jkt,
            x5t_s256: x5t.filter(|_| takes_certificate),
        };
        let bound = confirmation != Confirmation::default();
        if must_be_bound && !bound {
            return Err(OauthError::invalid_request(
                "the client must send a DPoP proof or a certificate",
            ));
        }
        Ok(Self {
            confirmation: bound.then_some(confirmation),
        })
    }

    /// What refresh tokens are bound to: those of a public client to the key that they were asked for
    /// with; a client that proves who it is may turn its key (RFC 9449 §5, RFC 8705 §4).
    pub fn lasting(&self, client: &client::Model) -> Option<&Confirmation> {
        self.confirmation.as_ref().filter(|_| client.is_public())
    }

    /// Whether it holds the key that something is bound to, if it is bound.
    pub fn holds(&self, bound: Option<&Confirmation>) -> bool {
        let own = self.confirmation.clone().unwrap_or_default();
        bound.is_none_or(|bound| {
            (bound.jkt.is_none() || bound.jkt == own.jkt)
                && (bound.x5t_s256.is_none() || bound.x5t_s256 == own.x5t_s256)
        })
    }

    /// The key of its proof.
    pub fn jkt(&self) -> Option<&str> {
        self.confirmation.as_ref()?.jkt.as_deref()
    }
}
