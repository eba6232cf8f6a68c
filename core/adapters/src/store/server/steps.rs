//! The migrations of a server's schema, embedded, and which of them a database lacks.
//!
//! They are kept in the table that diesel's own tool keeps (`__diesel_schema_migrations`), so that both agree. They are
//! run here rather than by diesel's harness, which would need a thread that blocks and a lock of its own.

/// One migration.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Step {
    /// The name of its folder.
    pub(in crate::store) name: &'static str,
    /// What it does.
    pub(in crate::store) up: &'static str,
    /// What takes it back.
    #[cfg_attr(not(test), expect(dead_code, reason = "for whoever must go back, by hand; tested"))]
    pub(in crate::store) down: &'static str,
}

/// All migrations of one backend, in order.
macro_rules! steps {
    ($backend:literal: $($name:literal)+) => {
        [$(crate::store::server::steps::Step {
            name: $name,
            up: include_str!(concat!("../../../../../migrations/", $backend, "/", $name, "/up.sql")),
            down: include_str!(concat!("../../../../../migrations/", $backend, "/", $name, "/down.sql")),
        }),+]
    };
}
pub(in crate::store) use steps;

impl Step {
    /// How diesel keeps it: the digits of the date and number.
    pub(in crate::store) fn version(&self) -> String {
        let stamp = self.name.split('_').next().unwrap_or_default();
        stamp.chars().filter(|character| *character != '-').collect()
    }
}

/// The statements of a migration, for a server that takes them one by one.
pub(in crate::store) fn statements(text: &str) -> impl Iterator<Item = &str> {
    text.split(";\n").map(str::trim).filter(|statement| !statement.is_empty())
}

/// How a database's schema stands to this version's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Standing {
    /// The migrations it lacks, by name, in order.
    pub(in crate::store) missing: Vec<&'static str>,
    /// The migrations it has that this version does not know: a newer version was here.
    pub(in crate::store) unknown: Vec<String>,
}

/// Compares what a database has with what there is.
pub(in crate::store) fn standing(all: &[Step], applied: &[String]) -> Standing {
    let lacks = |step: &&Step| !applied.contains(&step.version());
    let known: Vec<String> = all.iter().map(Step::version).collect();
    Standing {
        missing: all.iter().filter(lacks).map(|step| step.name).collect(),
        unknown: applied.iter().filter(|version| !known.contains(version)).cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: [Step; 2] = [
        Step { name: "2026-11-22-000001_jobs", up: "a;\nb;\n", down: "" },
        Step { name: "2026-11-22-000002_runs", up: "", down: "" },
    ];

    #[test]
    fn older_and_newer_databases_are_told_apart() {
        let applied = |versions: &[&str]| versions.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(standing(&TWO, &[]).missing.len(), 2);
        let behind = standing(&TWO, &applied(&["20261122000001"]));
        assert_eq!((behind.missing, behind.unknown.len()), (vec!["2026-11-22-000002_runs"], 0));
        let ahead = standing(&TWO, &applied(&["20261122000001", "20261122000002", "20270101000001"]));
        assert_eq!((ahead.missing.len(), ahead.unknown), (0, applied(&["20270101000001"])));
        assert_eq!(statements(TWO[0].up).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn every_backend_has_the_migrations_of_the_folder() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
        for (backend, steps) in
            [("mysql", &crate::store::mysql::STEPS[..]), ("postgres", &crate::store::postgres::STEPS[..])]
        {
            for folder in [folder.join(backend), folder.join("sqlite")] {
                let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
                let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
                names.sort();
                assert_eq!(steps.iter().map(|step| step.name).collect::<Vec<_>>(), names, "{backend}");
            }
        }
    }
}
