//! Clients: the applications that use this server. Knows how one proves who it is and what one may
//! be; knows no request.

pub mod authenticate;
pub mod keys;
pub mod links;
pub mod logo;
pub mod management;
pub mod register;
pub mod registration;
pub mod sector;
pub mod update;
pub mod wanted;

mod metadata;
