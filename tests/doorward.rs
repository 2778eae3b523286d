//! Every test of the house, in one binary: one link step, one world per test, any order.

mod api;
mod cli;
mod fetch;
mod floors;
mod migrations;
mod oauth;
mod openapi;
mod pages;
mod playground;
mod support;
