//! Throwaway servers of the kinds a cluster of cronbus stands on, for tests, benches and a cluster on one machine.
//!
//! Each is the distribution's own program on a free port of loopback with its data in a temporary folder; it ends with
//! the value that started it. Nothing here is for production, and nothing is ever skipped: a program that is missing is
//! an error that names the package to install.
