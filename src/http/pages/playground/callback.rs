//! `/playground/callback`: takes the authorization response, exchanges the code, and judges what
//! came for it, in the order in which a relying party has to.

use serde_json::{Map, Value, json};

use super::{
    calls,
    checks::Expected,
    curl,
    judge::{expected, judge},
    memory::{self, Held, Started},
    provider::Provider,
    result,
    steps::{Check, Outcome, Step, Steps},
};
use crate::{
    http::kit::{
        cookies::Cookie,
        page::{Page, Shown, Visit},
    },
    oauth::params::Params,
    paths,
};

pub struct Callback;

impl Page for Callback {
    async fn show(&self, visit: Visit) -> Shown {
        let mut steps = Steps::default();
        let held = walk(&visit, &mut steps).await;
        let mut response = result::show(&visit, &steps, held.as_ref())?;
        // An answer is taken once.
        Cookie::Playground.clear(&visit.app, &mut response);
        Ok(response)
    }
}

async fn walk(visit: &Visit, steps: &mut Steps) -> Option<Held> {
    let app = &visit.app;
    let started = steps.take(state(visit))?;
    let provider = steps.take(calls::discover(app).await)?;
    steps.push(request(&provider.authorize_url(app, &started)));
    let code = steps.take(response(&visit.query, &provider))?;
    let tokens = steps.take(provider.exchange(app, &code, &started).await)?;
    let expected = Expected {
        max_age: started.max_age,
        ..expected(app, &provider, &started.nonce)
    };
    let held = judge(app, steps, &provider, tokens, &expected).await?;
    if held.id_token.is_none() && started.asked_for("openid") {
        let why = "There is none, although the scope openid was asked for.";
        steps.push(Step::failed("ID token", why));
        return None;
    }
    Some(held)
}

/// The state must be the one that this browser was sent off with: otherwise the sign-in may be
/// somebody else's, who wants it to go on in this browser (RFC 6749 §10.12).
fn state(visit: &Visit) -> Outcome<Started> {
    let app = &visit.app;
    let failed = |why: String| (Step::failed("State", why), None);
    let Some(cookie) = visit.request.playground.as_deref() else {
        return failed(format!(
            "In this browser no sign-in of the playground is under way. An answer is taken once; \
             and the sign-in must begin at {}, not at another name of this machine.",
            app.url(paths::PLAYGROUND)
        ));
    };
    let Some(started) = memory::open::<Started>(app, cookie) else {
        return failed("What this browser remembers of the sign-in cannot be read.".to_owned());
    };
    if started.is_late(app.clock.now()) {
        return failed("The sign-in began more than ten minutes ago.".to_owned());
    }
    let query = &visit.query;
    if query.is_repeated("state") || query.get("state") != Some(&started.state) {
        return failed(
            "The state in the answer is not the one that this browser was sent off with: \
             somebody else may have begun this sign-in (RFC 6749 section 10.12)."
                .to_owned(),
        );
    }
    let said = "The answer carries the state that this browser was sent off with, so it belongs to the sign-in that began here.";
    let remembered = json!({
        "state": started.state,
        "nonce": started.nonce,
        "code_verifier": started.code_verifier,
    });
    let step = Step::passed("State", said).data(&remembered).secret();
    (step, Some(started))
}

fn request(url: &str) -> Step {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let params = Params::parse(query.as_bytes()).unwrap_or_default();
    let said = "Where the browser was sent, with PKCE (RFC 7636), a state and a nonce.";
    Step::passed("Authorization request", said)
        .curl(curl::redirect(url))
        .data(&object(&params))
}

/// The issuer of the response is judged before anything else in it, and in errors too (RFC 9207
/// §2.4).
fn response(query: &Params, provider: &Provider) -> Outcome<String> {
    let iss = query.get("iss");
    let named = match iss {
        Some(iss) => iss == provider.issuer,
        None => !provider.authorization_response_iss_parameter_supported,
    };
    let mut checks = vec![Check::that(
        named && !query.is_repeated("iss"),
        "iss is the issuer that was asked, so no other server answered in its place (RFC 9207)",
        "iss is not the issuer that was asked: another server may have answered in its place (RFC 9207)",
    )];
    let (mut said, code) = match (query.get("error"), query.get("code")) {
        (Some(error), _) => (format!("The provider answered {error}."), None),
        (None, Some(code)) => (
            "The provider sent the browser back with a code.".to_owned(),
            Some(code),
        ),
        (None, None) => (
            "The answer holds neither a code nor an error.".to_owned(),
            None,
        ),
    };
    if let (None, Some(why)) = (code, query.get("error_description")) {
        said = format!("{said} It says: {why}.");
    }
    checks.push(Check::that(
        code.is_some(),
        "it holds a code",
        "it holds no code",
    ));
    let step = Step::of("Authorization response", said, checks).data(&object(query));
    let step = match code {
        Some(_) => step.secret(),
        None => step,
    };
    step.bringing(code.unwrap_or_default().to_owned())
}

fn object(params: &Params) -> Value {
    let pairs = params
        .iter()
        .map(|(name, value)| (name.to_owned(), value.into()));
    Value::Object(pairs.collect::<Map<_, _>>())
}
