//! `/`: what this server is and where its doors are, for who has just started one. In production
//! nobody needs to know, and it leads to the account.

use poem::http::StatusCode;
use serde::Serialize;

use crate::{
    http::kit::{
        page::{Page, Shown, Visit},
        page_error::see_other,
    },
    paths,
};

pub struct Home;

/// The context of `pages/home.html`.
#[derive(Debug, Serialize)]
struct HomePage {
    version: &'static str,
    links: Vec<Link>,
}

#[derive(Debug, Serialize)]
struct Link {
    href: &'static str,
    label: &'static str,
    text: &'static str,
}

impl Page for Home {
    async fn show(&self, visit: Visit) -> Shown {
        if !visit.app.config.development {
            return Ok(see_other(paths::ACCOUNT));
        }
        let mut links = match visit.visitor.signed_in {
            Some(_) => vec![link(
                paths::ACCOUNT,
                "Your account",
                "Your profile, your password, where you are signed in and which apps you allowed.",
            )],
            None => vec![link(
                paths::LOGIN,
                "Sign in",
                "With the e-mail address and the password of your account.",
            )],
        };
        if visit.visitor.signed_in.is_none() && visit.app.config.accounts.sign_up {
            links.push(link(
                paths::REGISTER,
                "Create an account",
                "An e-mail address and a password are enough.",
            ));
        }
        links.extend([
            link(
                paths::PLAYGROUND,
                "Playground",
                "A relying party that signs you in and shows each step, each also as a curl line.",
            ),
            link(
                paths::DEV_MAIL,
                "Caught letters",
                "Every letter that this server would have sent.",
            ),
            link(
                paths::API_DOCS,
                "API reference",
                "Every endpoint with its parameters, answers and errors.",
            ),
            link(
                paths::DISCOVERY_OPENID,
                "Discovery document",
                "What a relying party reads to find everything else.",
            ),
        ]);
        let context = HomePage {
            version: env!("CARGO_PKG_VERSION"),
            links,
        };
        visit.render(StatusCode::OK, "pages/home.html", &context)
    }
}

fn link(href: &'static str, label: &'static str, text: &'static str) -> Link {
    Link { href, label, text }
}
