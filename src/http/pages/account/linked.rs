//! `/account/linked`: the providers with which a person signs in, and forms to link one more or to
//! take one away.

use entity::account;
use poem::http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    http::{
        kit::{
            errand::Errand,
            follow::in_flow,
            page::{Page, Shown, Visit},
            page_error::{PageError, see_other},
            page_form::PageForm,
        },
        pages::{
            forms::FieldError,
            providers::{self, Button, For},
            words,
        },
    },
    paths,
    sessions::SignedIn,
    upstream::{
        self, Here,
        unlink::{self, Unlinked},
    },
};

/// `/account/linked`.
pub struct Linked;

/// `/account/linked/unlink`.
pub struct Unlink;

/// The context of `pages/account_linked.html`.
#[derive(Debug, Serialize)]
struct LinkedPage<'a> {
    csrf: String,
    errors: &'a [FieldError],
    problem: Option<String>,
    notice: Option<&'static str>,
    ways: Vec<Way>,
    has_password: bool,
    providers: Vec<Button>,
}

/// A way in.
#[derive(Debug, Serialize)]
struct Way {
    id: String,
    provider: String,
    display: String,
    since: Option<String>,
}

const LAST: FieldError = FieldError {
    field: "",
    message: "This is the last way in to your account. Set a password or link another account first.",
};

impl Page for Linked {
    async fn show(&self, visit: Visit) -> Shown {
        page(visit, StatusCode::OK, &[]).await
    }
}

impl Page for Unlink {
    async fn show(&self, _: Visit) -> Shown {
        Ok(see_other(paths::ACCOUNT_LINKED))
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let Some(own) = &visit.visitor.signed_in else {
            return sign_in(&visit);
        };
        let here = Here {
            visitor: &visit.visitor.digest,
            signed_in: Some(own),
            browser: &visit.visitor.browser,
        };
        let unlinked = match form.field("id").parse::<Uuid>() {
            Ok(id) => unlink::unlink(&visit.app, own, id, here).await?,
            Err(_) => Unlinked::Nothing,
        };
        match unlinked {
            Unlinked::Done => {
                let done = format!("{}?done=unlinked", paths::ACCOUNT_LINKED);
                Ok(see_other(&done))
            }
            Unlinked::Nothing => Ok(see_other(paths::ACCOUNT_LINKED)),
            Unlinked::NotFresh => prove(&visit),
            Unlinked::TheLast => page(visit, StatusCode::CONFLICT, &[LAST]).await,
        }
    }
}

/// To the sign-in page, and back here.
fn sign_in(visit: &Visit) -> Shown {
    go(visit, Errand::to_account(paths::ACCOUNT_LINKED))
}

/// The same for somebody who is signed in, and must prove again who they are.
pub(in crate::http::pages) fn prove(visit: &Visit) -> Shown {
    match &visit.visitor.signed_in {
        Some(own) => {
            let errand = Errand::to_proof(paths::ACCOUNT_LINKED, own.user.id);
            go(visit, Some(errand))
        }
        None => sign_in(visit),
    }
}

fn go(visit: &Visit, errand: Option<Errand>) -> Shown {
    let errand = errand.ok_or(PageError::NotFound)?;
    let flow = errand.seal(&visit.app, &visit.visitor)?;
    let mut response = see_other(&in_flow(paths::LOGIN, &flow));
    visit.visitor.greet(&visit.app, &mut response);
    Ok(response)
}

async fn page(visit: Visit, status: StatusCode, errors: &[FieldError]) -> Shown {
    let Some(SignedIn { user, .. }) = &visit.visitor.signed_in else {
        return sign_in(&visit);
    };
    let ways = unlink::linked(&visit.app, user.id).await?;
    let done = visit.query.get("done");
    let context = LinkedPage {
        csrf: visit.csrf(None),
        errors,
        problem: providers::problem(&visit),
        notice: match done {
            Some("linked") => Some("The account is linked. You can sign in with it from now on."),
            Some("unlinked") => Some("The account is not linked any more. You stay signed in."),
            _ => None,
        },
        ways: ways.into_iter().map(|way| Way::of(&visit, way)).collect(),
        has_password: user.password_hash.is_some(),
        providers: providers::buttons(&visit, For::Linking),
    };
    let origins = providers::origins(&visit, For::Linking);
    let visit = visit.may_go_to(&origins);
    visit.render(status, "pages/account_linked.html", &context)
}

impl Way {
    fn of(visit: &Visit, way: account::Model) -> Self {
        let provider = upstream::find(&visit.app, &way.provider);
        let name = provider.map(|provider| provider.display_name().to_owned());
        Self {
            id: way.id.to_string(),
            provider: name.unwrap_or(way.provider),
            display: way.display.unwrap_or(way.provider_account_id),
            since: way.linked_at.map(words::time),
        }
    }
}
