//! The traps of CII, on documents small enough to see through.
