//! The pages, as people and those who would trick them meet them: one file per page, and one for
//! each of the catalogue's mistakes (`cs_3`, `en_1`, `or_1`, `se_1`, `se_3`).

mod account;
mod account_apps;
mod account_password;
mod account_sessions;
mod csrf;
mod dev_mail;
mod device;
mod enumeration;
mod home;
mod login;
mod logout;
mod onward;
mod register;
mod session_cookie;
mod session_end;
mod verify_email;
pub mod world;
