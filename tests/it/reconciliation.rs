//! Reconciliation from outside: a case in, an explained result out.

mod sample;

mod advance;
mod causes;
mod documented;
mod explained;
mod holds;
mod pairing;
mod properties;
mod speed;
mod without_lines;
