//! The pages over a store in memory: who may see them, what they refuse, what stays text.

mod accounts;
mod alerts;
mod browser;
mod pages;
mod signing_in;
