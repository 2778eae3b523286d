//! The pages, as people and those who would trick them meet them: one file per page, and one for
//! each of the catalogue's mistakes (`cs_3`, `en_1`, `or_1`, `se_1`, `se_3`).

mod account;
mod account_activity;
mod account_apps;
mod account_password;
mod account_profile;
mod account_sessions;
mod admission;
pub mod choosing;
mod consent_names;
mod csrf;
mod csrf_sign_in;
mod dev_mail;
mod device;
mod enumeration;
mod foreign_headers;
mod home;
mod login;
mod logout;
mod onward;
mod register;
mod session_cookie;
mod session_end;
mod session_shared;
mod strange_words;
mod verify_email;
pub mod world;
