//! A channel as it is configured: a table of keys and values becomes settings that can be used, or all that is wrong
//! with it, key by key.
//!
//! ```text
//!  [alerts.channel.NAME]          settings      one struct for each kind of channel
//!   kind = "slack"   ── read ──▶  credential    what proves who sends; a text that is never shown, or a file
//!   url  = "…"                    keys          which keys there are, and how their values are shown
//! ```
//!
//! Nothing here opens a file or a socket: [`Channel::with_secrets`] asks its caller for what files hold.

mod check;
mod credential;
mod fields;
mod keys;
mod read;
mod settings;

pub use credential::Credential;
pub use fields::Fault;
pub use keys::{KEYS, shape_of, shown};
pub use settings::{
    Aliyun, Call, Channel, Chat, Email, Encryption, Gateway, Pagerduty, Settings, Sms, Sparing, Tencent, Twilio,
    Webhook,
};
