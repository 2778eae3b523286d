//! What tests stand on: databases of their own, a house of their own on each, a browser in front of
//! it, a relying party beside it, and sentences about what comes back.

pub mod answer;
pub mod asserting;
pub mod binary;
pub mod browser;
pub mod call;
pub mod catalogue;
pub mod database;
pub mod device;
pub mod dpop;
pub mod expect;
pub mod folder;
pub mod house;
pub mod jar;
pub mod page;
pub mod rp;
pub mod stopwatch;

mod trial;
