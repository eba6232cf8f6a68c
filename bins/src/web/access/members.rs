//! The nodes that somebody may know of.

use cronbus_core::account::{Action, Place};
use cronbus_core::port::membership::Member;

use crate::web::session::Principal;

/// A node as he may see it: whoever sees all groups sees all nodes, others those of their groups, and of a node's groups
/// only theirs.
pub(crate) fn visible(by: &Principal, mut member: Member) -> Option<Member> {
    if by.may(Action::View, Place::Whole) {
        return Some(member);
    }
    member.groups.retain(|group| by.may(Action::View, Place::Group(group)));
    (!member.groups.is_empty()).then_some(member)
}
