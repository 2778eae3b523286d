//! The providers at which people sign in, as pages show them: a button each, which is a form of its
//! own, because nothing begins by a link (CVE-2015-9284).

use serde::Serialize;

use crate::{
    config::Kind,
    http::kit::page::Visit,
    paths,
    upstream::{self, Failure, Provider},
};

/// What the buttons of a page are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    SignIn,
    SignUp,
    Linking,
}

/// One button.
#[derive(Debug, Serialize)]
pub struct Button {
    pub name: String,
    /// What people call the provider.
    pub label: String,
    /// Whose mark it bears.
    mark: &'static str,
    action: String,
    /// Somebody signed in here that way last.
    last: bool,
}

/// The buttons of a page.
pub fn buttons(visit: &Visit, what: For) -> Vec<Button> {
    let offered = offered(visit, what);
    offered
        .map(|provider| Button::of(visit, provider))
        .collect()
}

/// Where the buttons lead, for the policy of the page that holds them: the provider's own discovery
/// document cannot name any other origin.
pub fn origins(visit: &Visit, what: For) -> Vec<String> {
    let mut all: Vec<String> = offered(visit, what)
        .flat_map(|provider| provider.settings.origins())
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn offered(visit: &Visit, what: For) -> impl Iterator<Item = Provider<'_>> {
    let may_sign_up = visit.app.config.accounts.sign_up;
    upstream::all(&visit.app).filter(move |provider| match what {
        For::SignIn => provider.settings.sign_in,
        For::SignUp => provider.settings.sign_in && provider.settings.sign_up && may_sign_up,
        For::Linking => provider.settings.link,
    })
}

impl Button {
    fn of(visit: &Visit, provider: Provider<'_>) -> Self {
        Self {
            name: provider.name.to_owned(),
            label: provider.display_name().to_owned(),
            mark: match provider.settings.kind {
                Kind::Google => "google",
                Kind::Github => "github",
                Kind::Oidc => "",
            },
            action: format!("{}/{}", paths::UPSTREAM, provider.name),
            last: visit.request.last_way.as_deref() == Some(provider.name),
        }
    }
}

/// What went wrong with a provider, if the address of the page says so. Anybody can write a link with
/// such an address: so it only chooses among these sentences.
pub fn problem(visit: &Visit) -> Option<String> {
    let word = visit.query.get("problem")?;
    let provider = upstream::find(&visit.app, visit.query.get("provider")?)?;
    let why = Failure::ALL.into_iter().find(|why| why.word() == word)?;
    Some(sentence(why, provider.display_name()))
}

fn sentence(why: Failure, provider: &str) -> String {
    match why {
        Failure::Cancelled => {
            format!(
                "You did not go on at {provider}, so nothing was changed. Try again, or go on in another way."
            )
        }
        Failure::Unavailable => {
            format!(
                "{provider} does not answer as it should just now. Try again in some minutes, or go on in another way."
            )
        }
        Failure::NotBelieved => {
            format!(
                "{provider} sent an answer that we cannot accept. Start again from here; if it happens again, tell the people who run this service."
            )
        }
        Failure::NoSignIn => {
            format!("{provider} cannot be used to sign in here. Sign in in another way.")
        }
        Failure::NoSignUp => {
            format!(
                "No account here is linked to this {provider} account, and no new accounts are made with {provider}. Sign in with the account that you have, then link {provider} on its page."
            )
        }
        Failure::NoLink => format!("{provider} cannot be linked to an account here."),
        Failure::Disabled => {
            format!(
                "The account that this {provider} account is linked to is disabled. Ask the people who run this service."
            )
        }
        Failure::LinkedElsewhere => {
            format!(
                "This {provider} account is linked to another account here. Sign in with {provider} to go there, and unlink it there first."
            )
        }
        Failure::AddressHeld => {
            format!(
                "There is an account with the address of your {provider} account, and we cannot know that both are yours. Sign in to it with its password, or set a new one by letter; then link {provider} on the page of your account."
            )
        }
        Failure::WrongDomain => {
            format!(
                "Only people of one organisation sign in here with {provider}, and this {provider} account is not of it. Choose another account there."
            )
        }
        Failure::OtherIssuer => {
            format!(
                "The sign-in with {provider} was set up anew since this account was linked. Sign in in another way and link {provider} again, or ask the people who run this service."
            )
        }
        Failure::NotProven => {
            "The address of your account is not confirmed yet. Sign in with your password, and confirm it by the letter that we send."
                .to_owned()
        }
        Failure::NotFresh => {
            "Sign in again before you link an account, in the same browser; then go on from here."
                .to_owned()
        }
    }
}
