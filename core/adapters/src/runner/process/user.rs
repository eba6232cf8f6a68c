//! Who a process runs as: a name or number resolved to ids, groups and home. Becoming that user is in `exec_as`.

use std::ffi::CString;

use nix::unistd::{Gid, Uid, User, getgrouplist};

/// A user as the system's user database knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// The login name.
    pub name: String,
    /// The user's number.
    pub uid: Uid,
    /// Their own group.
    pub gid: Gid,
    /// All groups they are in.
    pub groups: Vec<Gid>,
    /// Their home directory.
    pub home: String,
}

impl Identity {
    /// The user this node runs as. One that the user database does not know has its number for a name and `/` for a
    /// home.
    pub(super) fn own() -> Self {
        let uid = Uid::effective();
        match User::from_uid(uid) {
            Ok(Some(user)) => Self::of(user, Vec::new()),
            _ => Self { name: uid.to_string(), uid, gid: Gid::effective(), groups: Vec::new(), home: "/".to_owned() },
        }
    }

    /// Resolves a name or a number.
    ///
    /// # Errors
    /// When there is no such user, or the user database cannot be asked.
    pub(super) fn resolve(text: &str) -> Result<Self, String> {
        let found = match text.parse() {
            Ok(number) => User::from_uid(Uid::from_raw(number)),
            Err(_) => User::from_name(text),
        };
        let user = match found {
            Ok(Some(user)) => user,
            Ok(None) => return Err(format!("user: this machine has no user `{text}`; see `getent passwd`")),
            Err(errno) => return Err(format!("user: `{text}` could not be looked up: {}", errno.desc())),
        };
        let name = CString::new(user.name.as_str()).map_err(|_| format!("user: `{text}` holds a NUL byte"))?;
        let groups = getgrouplist(&name, user.gid)
            .map_err(|errno| format!("user: the groups of `{text}` could not be looked up: {}", errno.desc()))?;
        Ok(Self::of(user, groups))
    }

    fn of(user: User, groups: Vec<Gid>) -> Self {
        let home = user.dir.to_string_lossy().into_owned();
        let home = if home.starts_with('/') { home } else { "/".to_owned() };
        Self { name: user.name, uid: user.uid, gid: user.gid, groups, home }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_the_same_user() {
        let root = Identity::resolve("root").unwrap();
        assert_eq!(root.uid, Uid::from_raw(0));
        assert!(root.groups.contains(&root.gid));
        assert_eq!(Identity::resolve("0").unwrap(), root);
    }

    #[test]
    fn unknown_users_are_refused() {
        for text in ["", "no-such-user-here", "3999999999", "-1", "a\0b"] {
            assert!(Identity::resolve(text).is_err(), "{text:?}");
        }
    }
}
