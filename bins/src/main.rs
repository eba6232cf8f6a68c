//! The one executable of cronbus: node, command line and web.

mod explain;
mod token;
mod web;

fn main() {}
