//! The gateway as those see it who run it: traces, and what a collector gets of them.

mod collector;
mod defects;
mod demo;
mod faults;
mod plans;
pub(crate) mod process;
mod prometheus;
mod relay;
mod rotation;
mod scrape;
mod traces;
mod unpolled;
