//! `/playground/userinfo` and `/playground/refresh`: what a relying party does with its tokens
//! later.

use super::{
    checks::Expected,
    judge::{expected, judge},
    memory::{self, Held},
    result,
    steps::{Step, Steps},
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
        let app = &visit.app;
        let mut steps = Steps::default();
        let held = held(app, &form, &mut steps);
        if let Some(held) = &held {
            let (token, subject) = (&held.access_token, held.subject.as_deref());
            steps.push(held.provider.userinfo(app, token, subject).await);
        }
        result::show(&visit, &steps, held.as_ref())
    }
}

impl Page for Refresh {
    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let app = &visit.app;
        let mut steps = Steps::default();
        let mut held = held(app, &form, &mut steps);
        if let Some(before) = &held
            && let Some(fresh) = refresh(app, &mut steps, before).await
        {
            held = Some(fresh);
        }
        result::show(&visit, &steps, held.as_ref())
    }
}

/// What the form carries from the page before.
fn held(app: &App, form: &PageForm, steps: &mut Steps) -> Option<Held> {
    let held = memory::open::<Held>(app, form.field("state"));
    if held.is_none() {
        let why = "The tokens that this page should carry cannot be read.";
        steps.push(Step::failed("Tokens", why));
    }
    held
}

async fn refresh(app: &App, steps: &mut Steps, held: &Held) -> Option<Held> {
    let Some(spent) = &held.refresh_token else {
        let why = "There is no refresh token: the scope offline_access was not asked for.";
        steps.push(Step::failed("Refresh request", why));
        return None;
    };
    let provider = &held.provider;
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
