//! How much CPU each process of a cluster has used.

use std::collections::BTreeMap;

use serde::Serialize;

/// CPU seconds by what the processes are, since they started.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct CpuSeconds(BTreeMap<String, f64>);

impl CpuSeconds {
    /// Adds what the process and all that descend from it have used. One that is gone has used nothing.
    pub(super) fn add(&mut self, what: &str, process: Option<u32>) {
        let used: f64 = process.map(cronbus_servers::family).unwrap_or_default().into_iter().map(cpu_seconds).sum();
        *self.0.entry(what.to_owned()).or_default() += used;
    }

    /// What was used since `earlier`.
    pub(super) fn since(&self, earlier: &Self) -> Self {
        let difference = |(what, used): (&String, &f64)| {
            let before = earlier.0.get(what).copied().unwrap_or_default();
            (what.clone(), ((used - before) * 100.0).round() / 100.0)
        };
        Self(self.0.iter().map(difference).collect())
    }

    /// All of them together.
    pub(super) fn total(&self) -> f64 {
        self.0.values().sum()
    }
}

/// User and system time, fields 14 and 15 of proc(5)'s `stat`; those of children that have ended are in 16 and 17.
fn cpu_seconds(process: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u32 = after_name.split_whitespace().skip(11).take(4).filter_map(|field| field.parse::<u32>().ok()).sum();
    // Linux counts in hundredths of a second wherever programs can see it.
    f64::from(ticks) / 100.0
}
