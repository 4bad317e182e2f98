//! Reconciliation from outside: a case in, an explained result out.

mod sample;

mod advance;
mod bounds;
mod causes;
mod decisions;
mod documented;
mod documents;
mod explained;
mod holds;
mod items;
mod pairing;
mod payments;
mod policies;
mod policy_manual;
mod properties;
mod without_lines;
