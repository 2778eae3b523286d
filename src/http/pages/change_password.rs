//! `/.well-known/change-password`: where password managers send people (W3C "A Well-Known URL for
//! Changing Passwords" §2).

use crate::{
    http::kit::{
        page::{Page, Shown, Visit},
        page_error::see_other,
    },
    paths,
};

pub struct ChangePassword;

impl Page for ChangePassword {
    async fn show(&self, _: Visit) -> Shown {
        Ok(see_other(paths::ACCOUNT_SECURITY))
    }
}
