//! Reconciliation from outside: a case in, an explained result out.

mod sample;

mod advance;
mod bounds;
mod causes;
mod charges;
mod copies;
mod credits;
mod decisions;
mod documented;
mod documents;
mod explained;
mod goods;
mod holds;
mod in_full;
mod items;
mod likeness;
mod pairing;
mod payments;
mod policies;
mod policy_edges;
mod policy_manual;
mod prices;
mod properties;
mod quantities;
mod without_lines;
