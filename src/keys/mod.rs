//! The signing keys over time. Each is published before it signs, and stays published until the last
//! token that it signed has ended; its public half then recognises old ID tokens for a while more.

pub mod calendar;
pub mod make;
pub mod rotation;
