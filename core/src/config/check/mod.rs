//! What a value may be beyond its kind, and which values go together.
//!
//! Each file looks at the whole configuration and says what it finds; none of them knows where a value came from.

pub(super) mod mixes;
pub(super) mod names;
pub(super) mod oidc;
pub(super) mod ranges;
pub(super) mod rules;
pub(super) mod services;

/// A value that is refused.
pub(super) struct Fault {
    /// `section.key`.
    pub(super) key: &'static str,
    /// Why, and what is allowed.
    pub(super) reason: String,
}
