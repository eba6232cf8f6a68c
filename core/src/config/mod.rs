//! The configuration of a node, and where each of its values came from.
//!
//! ```text
//!  conf/default.toml (embedded) ─┐
//!  a file: TOML, or conf.ini ────┤  each says        one value at a time:            the whole:
//!  CRONBUS_SECTION__KEY ─────────┼─ key = value ──▶  is the key known? is it of ──▶  ranges, mixes ──▶ Loaded
//!  flags ────────────────────────┘  (Assignment)     the right kind? (load)          (check)
//! ```
//!
//! `section/` has one struct per component; its comments and `conf/default.toml` are the manual, and a test holds them
//! together key by key. All faults of all sources are reported at once, each with its place.
//!
//! **Invariant:** nothing here opens a file, reads the environment or asks the host for its name; the caller passes all of
//! it in as [`Sources`].

mod assignment;
mod channels;
mod check;
mod endpoints;
mod error;
mod ini;
mod keys;
mod legacy;
mod load;
mod origin;
mod root;
mod secret;
mod section;
mod text;
mod toml_file;
mod url;

pub use endpoints::{Endpoints, Host, Malformed, decode};
pub use error::Error;
pub use legacy::{AlarmMail, Legacy};
pub use load::{Loaded, SourceFile, Sources};
pub use origin::{Origin, Provenance};
pub use root::{Config, DEFAULT_TOML};
pub use secret::Secret;
pub use section::{
    Alerts, Audit, Bus, ClaimGrant, Cluster, Database, Dispatcher, Executor, Guard, Health, Log, LogFormat, Membership,
    Monitor, Node, Oidc, OnStop, Orphans, Retention, Scheduler, Secrets, Submit, Web,
};
pub use url::ServiceUrl;
