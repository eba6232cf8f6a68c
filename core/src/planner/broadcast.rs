//! The rows of a slot that is for every node.

use crate::id::{Attempt, RunId, Shard};
use crate::job::Job;
use crate::route;
use crate::run::Run;

use super::planner::Planner;

impl Planner {
    /// One row for each matching node if the job is a broadcast; with no such node, the one row, which the dispatcher
    /// answers. What makes a row's id is its node and not its number, since who owned the partition before may have seen
    /// others.
    pub(super) fn broadcast(&self, job: &Job, row: Run) -> Vec<Run> {
        let nodes = route::broadcast(&job.definition.target, &self.members);
        if row.state.is_terminal() || nodes.is_empty() {
            return vec![row];
        }
        let shards = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
        let rows = (1..=shards).zip(nodes).map(|(shard, node)| {
            let id = RunId::on_node(row.due_at, job.id, &node, Attempt::FIRST);
            Run { id, shard: Shard(shard), shards, node: Some(node), ..row.clone() }
        });
        rows.collect()
    }
}
