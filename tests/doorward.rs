//! Every test of the house, in one binary: one link step, one world per test, any order.

mod accounts;
mod admin;
mod api;
mod cli;
mod conformance;
mod docs;
mod fetch;
mod floors;
mod interop;
mod mail;
mod migrations;
mod moving;
mod oauth;
mod openapi;
mod pages;
mod paths;
mod playground;
mod support;
mod tls;
mod upstream;
