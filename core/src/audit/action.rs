//! What was done, as words that do not change.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)+) => {
        /// What was done. The words are a contract: programs filter by them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "&'static str", try_from = "String")]
        pub enum Action {
            $($(#[$doc])* $name,)+
        }

        impl Action {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The word for it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

actions! {
    /// A job was added.
    JobCreate = "job.create";
    /// A job was given another definition.
    JobUpdate = "job.update";
    /// A job was deleted.
    JobDelete = "job.delete";
    /// A job was paused.
    JobPause = "job.pause";
    /// The pause of a job was ended.
    JobResume = "job.resume";
    /// A run was asked for.
    RunStart = "run.start";
    /// A run was ended.
    RunKill = "run.kill";
    /// A node was told to take no new work.
    NodeDrain = "node.drain";
    /// A node was told to take work again.
    NodeUndrain = "node.undrain";
    /// The executor of a node was told to start nothing new.
    NodeHold = "node.hold";
    /// The executor of a node was told to go on.
    NodeRelease = "node.release";
    /// A silence was made.
    SilenceCreate = "silence.create";
    /// A silence was ended.
    SilenceEnd = "silence.end";
    /// Somebody looks after an alert.
    AlertAcknowledge = "alert.acknowledge";
    /// A message was sent to try a channel.
    ChannelTest = "channel.test";
    /// A secret was given a value.
    SecretSet = "secret.set";
    /// A secret was deleted.
    SecretDelete = "secret.delete";
    /// Secrets were encrypted anew, under the first key.
    SecretRotate = "secret.rotate";
    /// Somebody signed in.
    Login = "login";
    /// Somebody could not sign in.
    LoginFailed = "login.failed";
    /// Somebody signed out.
    Logout = "logout";
    /// A user was added.
    UserCreate = "user.create";
    /// A user was changed: what he may do, or whether he may sign in.
    UserUpdate = "user.update";
    /// A user was given another password.
    UserPassword = "user.password";
    /// A user was deleted.
    UserDelete = "user.delete";
    /// An API token was made.
    TokenCreate = "token.create";
    /// An API token was revoked.
    TokenRevoke = "token.revoke";
}

/// The text is no action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no action: write one like job.update, run.kill, secret.set, or login.failed")]
pub struct ActionError {
    text: String,
}

impl FromStr for Action {
    type Err = ActionError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().copied().find(|action| action.as_str() == text);
        found.ok_or_else(|| ActionError { text: text.chars().take(64).collect() })
    }
}

impl TryFrom<String> for Action {
    type Error = ActionError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Action> for &'static str {
    fn from(action: Action) -> Self {
        action.as_str()
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
