//! Grants: a role over all groups or over some. Written `operator` or `operator:php,web`; in JSON
//! `{"role": "operator", "groups": ["php", "web"]}`, where no `groups` means all.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::place::Place;
use super::role::{Action, Role};
use crate::id::NodeName;

/// How many grants one principal may have, and how many groups one grant may name.
const MOST: usize = 100;

/// Where a grant holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere.
    All,
    /// In these groups, and nowhere when there is none.
    Groups(BTreeSet<String>),
}

impl Scope {
    /// Whether the place lies within it.
    #[must_use]
    pub fn covers(&self, place: Place<'_>) -> bool {
        match (self, place) {
            (Self::All, _) => true,
            (Self::Groups(groups), Place::Group(group)) => groups.contains(group),
            (Self::Groups(_), Place::Whole) => false,
        }
    }
}

/// A role, and where it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Grant {
    /// What may be done.
    pub role: Role,
    /// Where.
    pub scope: Scope,
}

/// The text or document says no grant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// Not a role.
    #[error(transparent)]
    Role(#[from] super::role::RoleError),
    /// Not a group.
    #[error("`{0}` cannot name a group: use 1 to 64 letters, digits, `-`, `_` or `.`, starting with a letter or digit")]
    Group(String),
    /// A scope of no group.
    #[error("a role over no group lets do nothing: name groups, like `operator:php,web`, or leave them out for all")]
    NoGroups,
    /// Too many of something.
    #[error("{0} are too many: write at most {MOST}")]
    TooMany(usize),
}

impl Grant {
    /// A role everywhere.
    #[must_use]
    pub const fn everywhere(role: Role) -> Self {
        Self { role, scope: Scope::All }
    }

    /// A role in some groups.
    ///
    /// # Errors
    /// For no group, too many, and what cannot name one.
    pub fn over<'a>(role: Role, groups: impl IntoIterator<Item = &'a str>) -> Result<Self, GrantError> {
        let groups: BTreeSet<String> = groups.into_iter().map(str::to_owned).collect();
        if groups.is_empty() {
            return Err(GrantError::NoGroups);
        }
        if groups.len() > MOST {
            return Err(GrantError::TooMany(groups.len()));
        }
        match groups.iter().find(|group| NodeName::new(group).is_err()) {
            Some(wrong) => Err(GrantError::Group(wrong.chars().take(70).collect())),
            None => Ok(Self { role, scope: Scope::Groups(groups) }),
        }
    }

    fn gives(&self, action: Action, place: Place<'_>) -> bool {
        self.role.lets(action) && self.scope.covers(place)
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scope {
            Scope::All => write!(f, "{}", self.role),
            Scope::Groups(groups) => {
                let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
                write!(f, "{}:{}", self.role, groups.join(","))
            }
        }
    }
}

impl FromStr for Grant {
    type Err = GrantError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None => Ok(Self::everywhere(text.trim().parse()?)),
            Some((role, groups)) => Self::over(role.trim().parse()?, groups.split(',').map(str::trim)),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    groups: Option<BTreeSet<String>>,
}

impl TryFrom<Written> for Grant {
    type Error = GrantError;
    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match written.groups {
            None => Ok(Self::everywhere(written.role)),
            Some(groups) => Self::over(written.role, groups.iter().map(String::as_str)),
        }
    }
}

impl From<Grant> for Written {
    fn from(grant: Grant) -> Self {
        let groups = match grant.scope {
            Scope::All => None,
            Scope::Groups(groups) => Some(groups),
        };
        Self { role: grant.role, groups }
    }
}

/// All that a principal was granted; nothing by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Grants(Vec<Grant>);

impl Grants {
    /// These.
    ///
    /// # Errors
    /// For more than a hundred.
    pub fn new(grants: Vec<Grant>) -> Result<Self, GrantError> {
        if grants.len() > MOST {
            return Err(GrantError::TooMany(grants.len()));
        }
        Ok(Self(grants))
    }

    /// One role everywhere.
    #[must_use]
    pub fn everywhere(role: Role) -> Self {
        Self(vec![Grant::everywhere(role)])
    }

    /// Each of them.
    #[must_use]
    pub fn as_slice(&self) -> &[Grant] {
        &self.0
    }

    /// **The one answer**: whether this may be done there.
    #[must_use]
    pub fn may(&self, action: Action, place: Place<'_>) -> bool {
        self.0.iter().any(|grant| grant.gives(action, place))
    }

    /// Whether this may be done anywhere at all: what is asked before it is known where.
    #[must_use]
    pub fn may_somewhere(&self, action: Action) -> bool {
        self.0.iter().any(|grant| grant.role.lets(action))
    }
}

/// As people write them, one behind the other.
impl fmt::Display for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grants: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&grants.join(" "))
    }
}
