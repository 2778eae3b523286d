//! Every test of the house, in one binary: one link step, one world per test, any order.

mod floors;
mod migrations;
mod support;
