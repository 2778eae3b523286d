//! `/playground/start`: makes the authorization request that the form describes, and sends the
//! browser there.

use entity::value::STANDARD_SCOPES;
use poem::http::StatusCode;

use super::{
    calls,
    memory::{self, PATIENCE, Started},
    result,
    steps::Steps,
};
use crate::{
    app::App,
    http::kit::{
        cookies::Cookie,
        page::{Page, Shown, Visit},
        page_error::{PageError, see_other},
        page_form::PageForm,
    },
    oauth::prompt::Prompt,
};

pub struct Start;

impl Page for Start {
    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let app = &visit.app;
        let started = started(app, &form)?;
        let mut steps = Steps::default();
        let Some(provider) = steps.take(calls::discover(app).await) else {
            return result::show(&visit, &steps, None);
        };
        let mut response = see_other(&provider.authorize_url(app, &started));
        let sealed = memory::seal(app, &started)?;
        Cookie::Playground.set(app, &mut response, &sealed, Some(PATIENCE));
        Ok(response)
    }
}

/// What the form asks for. Its choices are ours, so anything else is no form of ours.
fn started(app: &App, form: &PageForm) -> Result<Started, PageError> {
    let refuse = |why: &str| PageError::Unreadable(StatusCode::BAD_REQUEST, why.to_owned());
    let ticked = |scope: &&str| form.field(&format!("scope_{scope}")) == *scope;
    let scope: Vec<_> = STANDARD_SCOPES
        .into_iter()
        .filter(|scope| ticked(scope))
        .collect();
    let prompt = Some(form.field("prompt")).filter(|prompt| !prompt.is_empty());
    if prompt.is_some_and(|prompt| !Prompt::SUPPORTED.contains(&prompt)) {
        return Err(refuse("the prompt is not one that can be chosen"));
    }
    let max_age = match form.field("max_age").trim() {
        "" => None,
        seconds => {
            let seconds = seconds.parse();
            Some(seconds.map_err(|_| refuse("the max age is not a number of seconds"))?)
        }
    };
    Ok(Started::new(
        app,
        scope.join(" "),
        prompt.map(str::to_owned),
        max_age,
    ))
}
