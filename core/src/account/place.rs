//! Where something is done: what a scope is held against.

use std::fmt;

use crate::job::{Definition, Target};

/// Where something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place<'a> {
    /// What belongs to no group, and so to all of them: nodes, accounts, jobs that may run anywhere.
    Whole,
    /// The jobs of this group, and what is theirs.
    Group(&'a str),
}

impl<'a> Place<'a> {
    /// Of this group; absent means of none.
    #[must_use]
    pub fn of(group: Option<&'a str>) -> Self {
        group.map_or(Self::Whole, Self::Group)
    }
}

impl<'a> From<&'a Target> for Place<'a> {
    fn from(target: &'a Target) -> Self {
        Self::of(target.group())
    }
}

impl<'a> From<&'a Definition> for Place<'a> {
    fn from(definition: &'a Definition) -> Self {
        Self::from(&definition.target)
    }
}

/// For people, behind "the role … on".
impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("all groups"),
            Self::Group(group) => write!(f, "group `{group}`"),
        }
    }
}
