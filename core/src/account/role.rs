//! Roles, and what each lets do. A role lets do all that the roles below it do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What somebody may do, from the least on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Read.
    Viewer,
    /// Also run, kill, pause, resume, drain, silence and acknowledge.
    Operator,
    /// Also write definitions.
    Editor,
    /// Also accounts, secrets, the audit trail and configuration.
    Admin,
}

impl Role {
    /// All of them, from the least on.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Operator, Self::Editor, Self::Admin];

    /// The word for it in documents and requests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }

    /// Whether it lets do this.
    #[must_use]
    pub fn lets(self, action: Action) -> bool {
        self >= action.needs()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no role: write viewer, operator, editor or admin")]
pub struct RoleError {
    text: String,
}

impl FromStr for Role {
    type Err = RoleError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or_else(|| RoleError { text: text.chars().take(40).collect() })
    }
}

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Read jobs, runs, logs, nodes and alerts.
    View,
    /// Run, kill, pause, resume, drain, silence, acknowledge.
    Operate,
    /// Add, change and delete definitions.
    Edit,
    /// Accounts, secrets, audit trail, configuration.
    Administer,
}

impl Action {
    /// All of them, from the least on.
    pub const ALL: [Self; 4] = [Self::View, Self::Operate, Self::Edit, Self::Administer];

    /// The least role that lets do it.
    #[must_use]
    pub const fn needs(self) -> Role {
        match self {
            Self::View => Role::Viewer,
            Self::Operate => Role::Operator,
            Self::Edit => Role::Editor,
            Self::Administer => Role::Admin,
        }
    }
}
