//! Which roles nobody plays that somebody has to.

use crate::port::membership::{Availability, Member, Role};

/// The needed roles that no active member plays, in the order of [`Role::NEEDED`]. None where no member is known: then
/// nothing is known.
#[must_use]
pub fn lacking(members: &[Member]) -> Vec<Role> {
    if members.is_empty() {
        return Vec::new();
    }
    let plays = |role| members.iter().any(|member| member.state == Availability::Active && member.has(role));
    Role::NEEDED.into_iter().filter(|role| !plays(*role)).collect()
}

/// What it means that nobody plays a role, for people.
#[must_use]
pub fn lack(role: Role) -> String {
    format!("no active node plays {}: {}", role.as_str(), role.without())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::membership::member;

    #[test]
    fn only_active_members_play() {
        use Availability::{Active, Draining};
        use Role::{Dispatcher, Executor, Monitor, Scheduler, Web};
        let all = &[Scheduler, Dispatcher, Executor][..];
        for (members, expected) in [
            (&[][..], &[][..]),
            (&[(all, Active)], &[]),
            (&[(all, Draining)], all),
            (&[(&[Web, Monitor][..], Active)], all),
            (&[(all, Draining), (&[Scheduler, Web], Active)], &[Dispatcher, Executor]),
            (&[(&[Executor], Active), (&[Dispatcher], Active), (&[Executor], Draining)], &[Scheduler]),
        ] {
            let member = |(roles, state): &(&[Role], Availability)| Member {
                roles: roles.to_vec(),
                state: *state,
                ..member("a")
            };
            assert_eq!(lacking(&members.iter().map(member).collect::<Vec<_>>()), expected, "{members:?}");
        }
    }
}
