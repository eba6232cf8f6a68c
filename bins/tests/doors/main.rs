//! The doors of the cluster, on real servers and the real executable: what gocron left behind, and who may come in.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod conf_ini;
mod database;
mod doctor;
mod gocron;
mod register;
mod servers;
#[path = "../support/mod.rs"]
mod support;
mod waiting;
