//! `/playground/userinfo` and `/playground/refresh`: what a relying party does with its tokens
//! later.

use super::{
    checks::Expected,
    judge::{expected, judge},
    memory::{self, Held},
    provider::{self, Provider},
    result,
    steps::{Check, Step, Steps},
};
use crate::{
    app::App,
    http::kit::{
        page::{Page, Shown, Visit},
        page_form::PageForm,
    },
};

/// Asks who the person is.
pub struct Userinfo;

/// Gets new tokens.
pub struct Refresh;

impl Page for Userinfo {
    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let mut steps = Steps::default();
        let Some((provider, held)) = begin(&visit.app, &form, &mut steps).await else {
            return result::show(&visit, &steps, None);
        };
        userinfo(&visit.app, &mut steps, &provider, &held).await;
        result::show(&visit, &steps, Some((&provider, &held)))
    }
}

impl Page for Refresh {
    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let mut steps = Steps::default();
        let Some((provider, held)) = begin(&visit.app, &form, &mut steps).await else {
            return result::show(&visit, &steps, None);
        };
        let fresh = refresh(&visit.app, &mut steps, &provider, &held).await;
        let held = fresh.as_ref().unwrap_or(&held);
        result::show(&visit, &steps, Some((&provider, held)))
    }
}

async fn begin(app: &App, form: &PageForm, steps: &mut Steps) -> Option<(Provider, Held)> {
    let Some(held) = memory::open::<Held>(app, form.field("state")) else {
        let why = "The tokens that this page should carry cannot be read.";
        steps.push(Step::failed("Tokens", why));
        return None;
    };
    let provider = steps.take(provider::discover(app).await)?;
    Some((provider, held))
}

/// The answer must be about the person of the ID token (OpenID Connect Core §5.3.2).
async fn userinfo(app: &App, steps: &mut Steps, provider: &Provider, held: &Held) -> Option<()> {
    let claims = steps.take(provider.userinfo(app, &held.access_token).await)?;
    let same = claims["sub"].as_str() == held.subject.as_deref();
    let checks = vec![Check::that(
        same,
        "sub is the person of the ID token",
        "sub is another person than the one of the ID token",
    )];
    let said = "Only claims about the person who signed in may be used (OpenID Connect Core section 5.3.2).";
    steps.push(Step::of("Same person", said, checks));
    Some(())
}

async fn refresh(app: &App, steps: &mut Steps, provider: &Provider, held: &Held) -> Option<Held> {
    let Some(spent) = &held.refresh_token else {
        let why = "There is no refresh token: the scope offline_access was not asked for.";
        steps.push(Step::failed("Refresh request", why));
        return None;
    };
    let tokens = steps.take(provider.refresh(app, spent).await)?;
    let expected = Expected {
        subject: held.subject.as_deref(),
        ..expected(app, provider, &held.nonce)
    };
    let fresh = judge(app, steps, provider, tokens, &expected).await?;
    Some(Held {
        // A provider that does not rotate sends none (RFC 6749 §6).
        refresh_token: fresh.refresh_token.or_else(|| Some(spent.clone())),
        // A later answer need not hold one (OpenID Connect Core §12.2).
        id_token: fresh.id_token.or_else(|| held.id_token.clone()),
        subject: held.subject.clone(),
        ..fresh
    })
}
