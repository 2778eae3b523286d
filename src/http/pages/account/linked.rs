//! `/account/linked`: the providers with which a person signs in, and forms to link one more or to
//! take one away.

use entity::account;
use serde::Serialize;
use uuid::Uuid;

use super::{
    done::Done,
    frame::{Place, Sheet},
    own, prove_for_linking,
};
use crate::{
    http::{
        kit::{
            page::{Page, Shown, Visit},
            page_error::see_other,
            page_form::PageForm,
        },
        pages::{
            forms::FieldError,
            providers::{self, Button, For},
            words,
        },
    },
    paths,
    upstream::{
        self, Here,
        unlink::{self, Unlinked},
    },
};

/// `/account/linked`.
pub struct Linked;

/// `/account/linked/unlink`.
pub struct Unlink;

const SHEET: Sheet = Sheet {
    place: Place::Linked,
    title: "Linked accounts",
    template: "pages/account/linked.html",
};

/// The context of `pages/account/linked.html`.
#[derive(Debug, Serialize)]
struct LinkedPage {
    problem: Option<String>,
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
        page(visit, &[]).await
    }
}

impl Page for Unlink {
    async fn show(&self, _: Visit) -> Shown {
        Ok(see_other(paths::ACCOUNT_LINKED))
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let Some(own) = &visit.visitor.signed_in else {
            return prove_for_linking(&visit);
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
            Unlinked::Done => Ok(Done::Unlinked.told()),
            Unlinked::Nothing => Ok(see_other(paths::ACCOUNT_LINKED)),
            Unlinked::NotFresh => prove_for_linking(&visit),
            Unlinked::TheLast => page(visit, &[LAST]).await,
        }
    }
}

async fn page(visit: Visit, errors: &[FieldError]) -> Shown {
    let user = &own(&visit)?.user;
    let ways = unlink::linked(&visit.app, user.id).await?;
    let context = LinkedPage {
        problem: providers::problem(&visit),
        ways: ways.into_iter().map(|way| Way::of(&visit, way)).collect(),
        has_password: user.password_hash.is_some(),
        providers: providers::buttons(&visit, For::Linking),
    };
    let origins = providers::origins(&visit, For::Linking);
    let visit = visit.may_go_to(&origins);
    SHEET.show(&visit, errors, &context)
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
