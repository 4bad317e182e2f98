//! The gateway as those see it who run it: traces, and what a collector gets of them.

mod canaries;
mod certificates;
mod collector;
mod defects;
mod demo;
mod faults;
mod front;
mod plans;
pub(crate) mod process;
mod prometheus;
pub(crate) mod relay;
mod requests;
mod rotation;
mod scrape;
mod standing;
pub(crate) mod talkative;
mod traces;
mod unpolled;
