//! Whole files of each format, built here.
