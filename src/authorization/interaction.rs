//! What must still happen before a request can be answered: a pure function of the request, the
//! session, the consent and the time. Its test is a table.

use chrono::{DateTime, Utc};
use entity::session::SignedIn;

use super::Request;
use crate::oauth::error::{ErrorCode, OauthError};

/// What is known of the person's consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consented {
    /// Not to all of this, or it must be asked again.
    Not,
    /// Before, to all of this; or the operator vouches for the client.
    Before,
    /// Just now, on the consent page.
    Now,
}

/// The next step.
#[derive(Debug)]
pub(super) enum Step<'a> {
    SignIn,
    /// Initiating User Registration via OpenID Connect §4.
    SignUp,
    Consent,
    Answer(&'a SignedIn),
    Refuse(OauthError),
}

/// Decides. `prompt=none` turns each page that would be shown into the error of its name
/// (OpenID Connect Core §3.1.2.6).
pub(super) fn next<'a>(
    request: &Request,
    signed_in: Option<&'a SignedIn>,
    consented: Consented,
    now: DateTime<Utc>,
) -> Step<'a> {
    let silent = |code: ErrorCode, step: Step<'a>| match request.prompt.none {
        true => Step::Refuse(OauthError::new(code, "a page would have to be shown")),
        false => step,
    };
    let new = !signed_in.is_some_and(|signed_in| request.is_met_by(signed_in));
    if request.prompt.create && new {
        return Step::SignUp;
    }
    let Some(signed_in) = signed_in else {
        return silent(ErrorCode::LoginRequired, Step::SignIn);
    };
    if request.wants_fresh(signed_in, now) || request.wants_choice(signed_in) {
        return silent(ErrorCode::LoginRequired, Step::SignIn);
    }
    // OpenID Connect Core §3.1.2.1: whoever signed in instead of the one whom the hint names is not
    // the answer to this request.
    if request.expects_somebody_else(signed_in) {
        let why = "another person than the one expected has signed in";
        return Step::Refuse(OauthError::new(ErrorCode::LoginRequired, why));
    }
    match consented {
        Consented::Now => Step::Answer(signed_in),
        Consented::Before if !request.prompt.consent => Step::Answer(signed_in),
        _ => silent(ErrorCode::ConsentRequired, Step::Consent),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use entity::{
        session, user,
        value::{Amr, Digest, ResponseMode, ResponseType, Role, StandardClaims},
    };
    use uuid::Uuid;

    use super::*;
    use crate::oauth::prompt::Prompt;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    /// A request that began at 1000.
    fn request(prompt: &str, max_age: Option<u32>) -> Request {
        Request {
            client_id: "c".into(),
            redirect_uri: "https://app.example/cb".into(),
            response_type: ResponseType::Code,
            response_mode: ResponseMode::Query,
            claims: None,
            resources: Vec::new(),
            dpop_jkt: None,
            pushed: None,
            scope: "openid".into(),
            state: None,
            nonce: None,
            code_challenge: None,
            prompt: Prompt::parse(prompt).unwrap(),
            max_age,
            login_hint: None,
            expected_subject: None,
            expected_sector: None,
            visitor: "v".into(),
            started_at: at(1000),
            account_kept: None,
        }
    }

    fn signed_in(auth_time: i64) -> SignedIn {
        let id = Uuid::nil();
        SignedIn {
            session: session::Model {
                id,
                user_id: id,
                expires: at(9000),
                session_token: Digest("d".into()),
                ends_at: at(9000),
                auth_time: at(auth_time),
                amr: Amr::default(),
                acr: String::new(),
                ip: None,
                user_agent: None,
                created_at: at(0),
                last_seen: at(0),
            },
            user: user::Model {
                id,
                subject: "s".into(),
                email: "a@b.example".into(),
                email_verified: None,
                name: None,
                password_hash: None,
                image: None,
                profile: StandardClaims::default(),
                role: Role::User,
                disabled_at: None,
                deletes_at: None,
                created_at: at(0),
                updated_at: at(0),
            },
        }
    }

    fn said(step: &Step<'_>) -> String {
        match step {
            Step::SignIn => "sign in".to_owned(),
            Step::SignUp => "sign up".to_owned(),
            Step::Consent => "consent".to_owned(),
            Step::Answer(_) => "answer".to_owned(),
            Step::Refuse(error) => error.code.name().to_owned(),
        }
    }

    #[test]
    fn what_comes_next() {
        use Consented::{Before, Not, Now};
        // prompt, max_age, auth_time of the session (if any), consent → step, at time 1100
        let table = [
            ("", None, None, Not, "sign in"),
            ("none", None, None, Not, "login_required"),
            ("", None, Some(500), Not, "consent"),
            ("", None, Some(500), Before, "answer"),
            ("none", None, Some(500), Not, "consent_required"),
            ("none", None, Some(500), Before, "answer"),
            ("create", None, None, Not, "sign up"),
            ("create", None, Some(500), Before, "sign up"),
            ("create", None, Some(1050), Before, "answer"),
            ("login", None, Some(500), Before, "sign in"),
            ("login", None, Some(1050), Before, "answer"),
            ("consent", None, Some(500), Before, "consent"),
            ("consent", None, Some(500), Now, "answer"),
            ("login consent", None, Some(1050), Before, "consent"),
            ("select_account", None, Some(500), Before, "sign in"),
            ("select_account", None, Some(1050), Before, "answer"),
            ("", Some(1), Some(500), Before, "sign in"),
            ("", Some(0), Some(999), Before, "sign in"),
            ("", Some(0), Some(1050), Before, "answer"),
            ("", Some(10_000), Some(500), Before, "answer"),
            ("none", Some(1), Some(500), Before, "login_required"),
        ];
        for (prompt, max_age, auth_time, consented, expected) in table {
            let session = auth_time.map(signed_in);
            let step = next(
                &request(prompt, max_age),
                session.as_ref(),
                consented,
                at(1100),
            );
            let case = format!("{prompt:?} {max_age:?} {auth_time:?} {consented:?}");
            assert_eq!(said(&step), expected, "{case}");
        }
    }

    #[test]
    fn an_account_that_was_kept_is_not_asked_for_again() {
        let session = signed_in(500);
        let kept = request("select_account", None).with_account(session.session.id);
        let step = next(&kept, Some(&session), Consented::Before, at(1100));
        assert_eq!(said(&step), "answer");
    }

    #[test]
    fn a_hint_at_somebody_else_asks_who_it_is() {
        let session = signed_in(500);
        let mut hinted = request("none", None);
        hinted.expected_subject = Some("somebody else".into());
        let step = next(&hinted, Some(&session), Consented::Before, at(1100));
        assert_eq!(said(&step), "login_required");
        hinted.prompt.none = false;
        let step = next(&hinted, Some(&session), Consented::Before, at(1100));
        assert_eq!(said(&step), "sign in");
        // Who signs in then is no other answer than somebody who was signed in before.
        let instead = signed_in(1050);
        let step = next(&hinted, Some(&instead), Consented::Now, at(1100));
        assert_eq!(said(&step), "login_required");
    }
}
