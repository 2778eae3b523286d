//! `/`: what this server is, and where its doors are.

use poem::http::StatusCode;
use serde::Serialize;

use crate::{
    http::kit::page::{Page, Shown, Visit},
    paths,
};

pub struct Home;

/// The context of `pages/home.html`.
#[derive(Debug, Serialize)]
struct HomePage {
    version: &'static str,
    mode: &'static str,
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
        let development = visit.app.config.development;
        let mut links = match visit.visitor.signed_in {
            Some(_) => vec![link(
                paths::ACCOUNT,
                "Your account",
                "Your profile, your password, where you are signed in and which apps you allowed.",
            )],
            None => vec![
                link(
                    paths::LOGIN,
                    "Sign in",
                    "With the e-mail address and the password of your account.",
                ),
                link(
                    paths::REGISTER,
                    "Create an account",
                    "An e-mail address and a password are enough.",
                ),
            ],
        };
        if development {
            links.push(link(
                paths::PLAYGROUND,
                "Playground",
                "A relying party that signs you in and shows each step, each also as a curl line.",
            ));
            links.push(link(
                paths::DEV_MAIL,
                "Caught letters",
                "Every letter that this server would have sent.",
            ));
        }
        links.push(link(
            paths::API_DOCS,
            "API reference",
            "Every endpoint with its parameters, answers and errors.",
        ));
        links.push(link(
            paths::DISCOVERY_OPENID,
            "Discovery document",
            "What a relying party reads to find everything else.",
        ));
        let context = HomePage {
            version: env!("CARGO_PKG_VERSION"),
            mode: if development {
                "development"
            } else {
                "production"
            },
            links,
        };
        visit.render(StatusCode::OK, "pages/home.html", &context)
    }
}

fn link(href: &'static str, label: &'static str, text: &'static str) -> Link {
    Link { href, label, text }
}
