//! The pages that people see: one file per page, each with a template of its name.

mod account;
mod api_docs;
mod change_password;
mod client;
mod client_logo;
mod confirm_email;
mod consent;
mod dev_mail;
mod device;
mod door;
mod forms;
mod home;
mod keep_account;
mod letter_flow;
mod login;
mod logout;
mod logout_notify;
mod notice;
pub mod playground;
mod providers;
mod recover;
mod register;
mod reset_password;
mod scopes;
mod style;
mod upstream;
mod verify_email;
mod words;

use poem::{Endpoint, EndpointExt, Response, Route, get};

use super::kit::page::{Page, PageEndpoint};
use crate::{app::App, paths};

/// All pages at their paths.
pub fn routes(app: &App) -> impl Endpoint<Output = Response> + use<> {
    let routes = Route::new()
        .at(paths::HOME, page(app, home::Home))
        .at(paths::LOGIN, page(app, login::Login))
        .at(paths::REGISTER, page(app, register::Register))
        .at(
            paths::CONFIRM_SIGN_UP,
            page(app, register::confirm::Confirm),
        )
        .at(paths::VERIFY_EMAIL, page(app, verify_email::VerifyEmail))
        .at(paths::RECOVER, page(app, recover::Recover))
        .at(
            paths::RESET_PASSWORD,
            page(app, reset_password::ResetPassword),
        )
        .at(paths::CONSENT, page(app, consent::Consent))
        .at(paths::LOGOUT, page(app, logout::Logout))
        .at(paths::LOGOUT_CONFIRM, page(app, logout::Confirm))
        .at(paths::LOGOUT_NOTIFY, page(app, logout_notify::Notify))
        .at(paths::LOGOUT_DONE, page(app, logout::Done))
        .at(paths::ACCOUNT, page(app, account::overview::Overview))
        .at(paths::ACCOUNT_PROFILE, page(app, account::profile::Profile))
        .at(
            paths::ACCOUNT_SECURITY,
            page(app, account::security::Security),
        )
        .at(
            paths::ACCOUNT_SESSIONS,
            page(app, account::sessions::Sessions),
        )
        .at(paths::ACCOUNT_APPS, page(app, account::apps::Apps))
        .at(
            paths::ACCOUNT_ACTIVITY,
            page(app, account::activity::Activity),
        )
        .at(
            paths::ACCOUNT_PASSWORD,
            page(app, account::password::Password),
        )
        .at(
            paths::ACCOUNT_VERIFY,
            page(app, account::verify_email::SendAgain),
        )
        .at(
            paths::ACCOUNT_SESSIONS_REVOKE,
            page(app, account::sessions::Revoke),
        )
        .at(
            paths::ACCOUNT_SESSIONS_REVOKE_OTHERS,
            page(app, account::sessions::RevokeOthers),
        )
        .at(paths::ACCOUNT_APPS_REVOKE, page(app, account::apps::Revoke))
        .at(paths::ACCOUNT_LINKED, page(app, account::linked::Linked))
        .at(
            paths::ACCOUNT_LINKED_UNLINK,
            page(app, account::linked::Unlink),
        )
        .at(paths::UPSTREAM_FINISH, page(app, upstream::finish::Finish))
        .at(paths::UPSTREAM_ONWARD, page(app, upstream::onward::Onward))
        .at(paths::UPSTREAM, page(app, upstream::Start))
        .at(
            format!("{}/:provider", paths::UPSTREAM),
            page(app, upstream::Start),
        )
        .at(
            format!("{}/:provider/callback", paths::UPSTREAM),
            page(app, upstream::Callback),
        )
        .at(paths::ACCOUNT_EMAIL, page(app, account::email::Email))
        .at(paths::ACCOUNT_EXPORT, page(app, account::export::Export))
        .at(paths::ACCOUNT_DELETE, page(app, account::delete::Delete))
        .at(paths::CONFIRM_EMAIL, page(app, confirm_email::ConfirmEmail))
        .at(paths::KEEP_ACCOUNT, page(app, keep_account::KeepAccount))
        .at(paths::DEVICE, page(app, device::Device))
        .at(paths::DEV_MAIL, page(app, dev_mail::Letters))
        .at(
            format!("{}/:id", paths::DEV_MAIL),
            page(app, dev_mail::Letter),
        )
        .at(
            format!("{}/:client_id", paths::CLIENT_LOGO),
            get(client_logo::ClientLogo::open(app)),
        )
        .at(paths::STYLE, get(style::Style::load()));
    match app.config.development {
        true => in_development(routes, app),
        false => routes,
    }
    .map_to_response()
}

/// Pages that only development mode has.
fn in_development(routes: Route, app: &App) -> Route {
    routes
        .at(paths::PLAYGROUND, page(app, playground::Playground))
        .at(paths::PLAYGROUND_START, page(app, playground::start::Start))
        .at(
            paths::PLAYGROUND_CALLBACK,
            page(app, playground::callback::Callback),
        )
        .at(
            paths::PLAYGROUND_USERINFO,
            page(app, playground::again::Userinfo),
        )
        .at(
            paths::PLAYGROUND_REFRESH,
            page(app, playground::again::Refresh),
        )
}

/// `/api/docs`: a page among the answers for programs.
pub fn api_docs(app: &App) -> impl Endpoint<Output = Response> + use<> {
    page(app, api_docs::ApiDocs::open())
}

/// `/.well-known/change-password`: a page's way among the documents that programs read.
pub fn change_password(app: &App) -> impl Endpoint<Output = Response> + use<> {
    page(app, change_password::ChangePassword)
}

fn page<P: Page>(app: &App, page: P) -> PageEndpoint<P> {
    PageEndpoint {
        app: app.clone(),
        page,
    }
}
