//! What a handler asks about the configuration of nodes. The composition root knows how they are asked.

use std::fmt::Debug;

use async_trait::async_trait;
use cronbus_core::id::NodeName;

use super::view::SettingView;

/// The configurations of living nodes.
#[async_trait]
pub(crate) trait Configurations: Send + Sync + Debug {
    /// Every value in force at this node, with where it came from; secrets are hidden.
    fn own(&self) -> Vec<SettingView>;

    /// Every value in force at a node, with where it came from; secrets are hidden.
    ///
    /// # Errors
    /// When the node is not known or does not answer.
    async fn of(&self, node: &NodeName) -> Result<Vec<SettingView>, Unknown>;
}

/// A configuration cannot be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unknown {
    /// There is no other node than this one.
    #[error("there is no such node")]
    NoSuchNode,
    /// The node does not answer.
    #[error("{reason}")]
    Unreachable {
        /// What was said.
        reason: String,
    },
}
