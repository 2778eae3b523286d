//! Clients: the applications that use this server. Knows how one proves who it is and what one may
//! be; knows no request.

pub mod authenticate;
pub mod links;
pub mod register;
pub mod update;
