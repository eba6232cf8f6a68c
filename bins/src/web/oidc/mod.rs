//! Signing in at an OpenID provider (OpenID Connect Core 1.0, authorization code with PKCE, RFC 7636).
//!
//! ```text
//!   /login/oidc ──▶ Provider::send_away ── Errand: state, nonce and verifier, all from the secret of one cookie
//!                       │                   └▶ Sessions::send_away: a row by the secret's hash, so that any node knows it
//!   the provider ◀──────┘
//!        └─ /login/oidc/callback ──▶ comes_back, once ──▶ Provider::exchange ── code ──▶ ID token ──▶ Claims
//!                                                                                                      │
//!                                  accounts::federated: who that is here, and what he may do ◀─────────┘
//! ```
//!
//! `openidconnect` checks signatures and the claims that the standard has; `Wire` carries its calls, bounded in time and
//! size. The provider is asked when somebody signs in, never when the node starts. Nothing here knows a page.

mod claims;
mod errand;
mod known;
mod provider;
mod refusal;
mod wire;

pub(crate) use claims::{Claims, Rules};
pub(crate) use errand::{COOKIE, Errand, LASTS};
pub(crate) use provider::Provider;
pub(crate) use refusal::Refusal;
