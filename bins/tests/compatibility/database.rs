//! A database of each kind, asked by the programs that come with it: nothing of cronbus stands between, whose view of a
//! schema is what is in question.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use cronbus_servers::{Kind, Server};
use tempfile::TempDir;

use crate::support::cronbus;

/// What diesel's own tool keeps its list in, which says how far a database was migrated.
const LIST: &str = "__diesel_schema_migrations";

/// The kinds of databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    MariaDb,
    PostgreSql,
}

/// A database of its own, and the data directory of a node beside it.
pub(crate) struct Database {
    pub(crate) engine: Engine,
    name: String,
    folder: TempDir,
}

/// What is known of a column, in the words of its engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) kind: String,
    pub(crate) may_be_null: bool,
    /// Whether a row may be inserted that does not name it.
    pub(crate) may_be_left_out: bool,
}

/// Columns by table and name.
pub(crate) type Tables = BTreeMap<String, BTreeMap<String, Column>>;

impl Engine {
    pub(crate) const ALL: [Self; 3] = [Self::Sqlite, Self::MariaDb, Self::PostgreSql];

    /// What its files are called.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::MariaDb => "mariadb",
            Self::PostgreSql => "postgresql",
        }
    }
}

/// The server that the tests share.
fn server(kind: Kind) -> &'static Server {
    static MARIADB: OnceLock<Server> = OnceLock::new();
    static POSTGRESQL: OnceLock<Server> = OnceLock::new();
    let place = if kind == Kind::MariaDb { &MARIADB } else { &POSTGRESQL };
    place.get_or_init(|| Server::start(kind).unwrap())
}

impl Database {
    /// One without a table.
    pub(crate) fn empty(engine: Engine) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("compatibility_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        let database = Self { engine, name, folder };
        let make = format!("CREATE DATABASE {}", database.name);
        match engine {
            Engine::Sqlite => {}
            Engine::MariaDb => drop(answer(&mut mariadb("mariadb", "mysql"), &make)),
            Engine::PostgreSql => drop(answer(&mut postgresql("psql", "cronbus"), &make)),
        }
        database
    }

    /// One with what this executable makes of it.
    pub(crate) fn of_today(engine: Engine) -> Self {
        let database = Self::empty(engine);
        database.migrate();
        database
    }

    /// How nodes call it.
    pub(crate) fn url(&self) -> String {
        let on = |kind| server(kind).url().replace("/cronbus", &format!("/{}", self.name));
        match self.engine {
            Engine::Sqlite => format!("sqlite://{}", self.file().display()),
            Engine::MariaDb => on(Kind::MariaDb),
            Engine::PostgreSql => on(Kind::PostgreSql).replace(&format!("//{}@", self.name), "//cronbus@"),
        }
    }

    fn file(&self) -> PathBuf {
        self.data().join("cronbus.db")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Brings it to the schema of this executable.
    pub(crate) fn migrate(&self) {
        let output = cronbus(&self.data()).arg("migrate").env("CRONBUS_DATABASE__URL", self.url()).output().unwrap();
        assert!(output.status.success(), "{:?}: {}", self.engine, String::from_utf8_lossy(&output.stderr));
    }

    /// What its own client answers to a script, one line for each row; `Err` with what it says when it refuses.
    pub(crate) fn try_ask(&self, script: &str) -> Result<Vec<u8>, String> {
        match self.engine {
            Engine::Sqlite => try_answer(Command::new("sqlite3").args(["-batch", "-bail"]).arg(self.file()), script),
            Engine::MariaDb => try_answer(&mut mariadb("mariadb", &self.name), script),
            Engine::PostgreSql => try_answer(&mut postgresql("psql", &self.name), script),
        }
    }

    pub(crate) fn ask(&self, script: &str) -> Vec<u8> {
        self.try_ask(script).unwrap_or_else(|told| panic!("{:?}: {told}", self.engine))
    }

    fn lines(&self, query: &str) -> Vec<String> {
        let text = self.ask(query);
        String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
    }

    /// What makes its tables, and how far they were migrated.
    pub(crate) fn schema(&self) -> String {
        let text = match self.engine {
            Engine::Sqlite => self.lines(".schema --nosys").join("\n"),
            Engine::MariaDb => text(mariadb("mariadb-dump", "").args(DUMP).args(["--no-data", &self.name])),
            Engine::PostgreSql => {
                text(postgresql("pg_dump", &self.name).args(["--schema-only", "--no-owner", "--no-privileges"]))
            }
        };
        format!("{}\n\n{}\n", plain(&text), self.inserts_of(&[LIST.to_owned()]))
    }

    /// The statements that insert its rows, each with the names of its columns.
    pub(crate) fn inserts(&self) -> String {
        let tables: Vec<String> = self.tables().into_keys().collect();
        self.inserts_of(&tables) + "\n"
    }

    fn inserts_of(&self, tables: &[String]) -> String {
        let text = match self.engine {
            Engine::Sqlite => {
                let one = |table: &String| format!(".headers on\n.mode insert {table}\nSELECT * FROM {table};\n");
                self.lines(&tables.iter().map(one).collect::<String>()).join("\n")
            }
            Engine::MariaDb => tables.iter().map(|table| self.inserts_of_mariadb(table)).collect(),
            Engine::PostgreSql => {
                let named = tables.iter().map(|table| format!("--table={table}"));
                text(postgresql("pg_dump", &self.name).args(["--data-only", "--column-inserts"]).args(named))
            }
        };
        plain(&text)
    }

    /// `mariadb-dump` would name generated columns, too, which only a session that is not strict takes.
    fn inserts_of_mariadb(&self, table: &str) -> String {
        let asked = format!(
            "SELECT CONCAT_WS('|', column_name, data_type LIKE '%binary' OR data_type LIKE '%blob')
             FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = '{table}'
             AND extra NOT LIKE '%GENERATED%' ORDER BY ordinal_position"
        );
        let columns = self.lines(&asked);
        let columns: Vec<(&str, bool)> =
            columns.iter().filter_map(|line| line.split_once('|')).map(|(name, bytes)| (name, is_yes(bytes))).collect();
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let value = |(name, is_bytes): &(&str, bool)| {
            if *is_bytes {
                format!("IF({name} IS NULL, 'NULL', CONCAT('X', QUOTE(HEX({name}))))")
            } else {
                format!("QUOTE({name})")
            }
        };
        let values: Vec<String> = columns.iter().map(value).collect();
        let (names, values) = (names.join(", "), values.join(", ', ', "));
        let told =
            format!("SELECT CONCAT('INSERT INTO {table} ({names}) VALUES (', {values}, ');') FROM {table} ORDER BY 1");
        self.lines(&told).join("\n") + "\n"
    }

    /// Its tables, without the list of migrations.
    pub(crate) fn tables(&self) -> Tables {
        let mut tables = Tables::new();
        for line in self.lines(self.engine.columns()) {
            let words: Vec<&str> = line.split('|').collect();
            let [table, name, kind, may_be_null, has_default] = words[..] else { panic!("{line}") };
            let may_be_null = is_yes(may_be_null);
            let may_be_left_out = may_be_null || is_yes(has_default);
            let column = Column { kind: kind.to_owned(), may_be_null, may_be_left_out };
            tables.entry(table.to_owned()).or_default().insert(name.to_owned(), column);
        }
        tables.remove(LIST);
        tables
    }

    /// The values that the rows of a table have in these columns, in no order that means anything.
    pub(crate) fn values<'a>(&self, table: &str, columns: impl Iterator<Item = &'a String>) -> Vec<String> {
        let columns: Vec<&str> = columns.map(String::as_str).collect();
        let exact = if self.engine == Engine::Sqlite { ".mode quote\n" } else { "" };
        let mut values = self.lines(&format!("{exact}SELECT {} FROM {table};\n", columns.join(", ")));
        values.sort();
        values
    }
}

impl Engine {
    /// Asks for table, column, type, whether it may be null and whether it has a default, between bars.
    const fn columns(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "SELECT tables.name || '|' || columns.name || '|' || lower(columns.type) || '|' ||
                    iif(columns.\"notnull\" OR columns.pk, 0, 1) || '|' ||
                    iif(columns.dflt_value IS NOT NULL OR columns.hidden > 1, 1, 0)
                 FROM sqlite_schema AS tables, pragma_table_xinfo(tables.name) AS columns
                 WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite\\_%' ESCAPE '\\';"
            }
            Self::MariaDb => {
                "SELECT CONCAT_WS('|', table_name, column_name, column_type, is_nullable,
                    IF(column_default IS NOT NULL OR extra LIKE '%auto_increment%' OR extra LIKE '%GENERATED%', 1, 0))
                 FROM information_schema.columns WHERE table_schema = DATABASE()"
            }
            Self::PostgreSql => {
                "SELECT concat_ws('|', table_name, column_name, data_type, is_nullable,
                    column_default IS NOT NULL OR is_identity = 'YES' OR is_generated = 'ALWAYS')
                 FROM information_schema.columns WHERE table_schema = 'public'"
            }
        }
    }
}

fn is_yes(word: &str) -> bool {
    ["1", "YES", "t", "true"].contains(&word)
}

/// What keeps the time, the host and the version out of what is dumped.
const DUMP: [&str; 7] = [
    "--skip-comments",
    "--skip-add-drop-table",
    "--skip-add-locks",
    "--skip-disable-keys",
    "--skip-set-charset",
    "--skip-lock-tables",
    "--skip-tz-utc",
];

fn mariadb(program: &str, database: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["--no-defaults", "--protocol=tcp", "-h127.0.0.1", "-uroot", "--default-character-set=utf8mb4"]);
    command.arg(format!("-P{}", server(Kind::MariaDb).port()));
    if program == "mariadb" {
        command.args(["-N", "-B", "--raw", database]);
    }
    command
}

fn postgresql(program: &str, database: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["-h", "127.0.0.1", "-U", "cronbus", "-d", database]);
    command
        .args(["-p", &server(Kind::PostgreSql).port().to_string()])
        .env("PGOPTIONS", "-c client_min_messages=warning");
    if program == "psql" {
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]);
    }
    command
}

fn try_answer(command: &mut Command, script: &str) -> Result<Vec<u8>, String> {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut client = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error} (see .ci/install-tools)"));
    let mut input = client.stdin.take().unwrap();
    let script = script.to_owned();
    // A client may answer before it has read everything.
    let writing = std::thread::spawn(move || drop(input.write_all(script.as_bytes())));
    let output = client.wait_with_output().unwrap();
    writing.join().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if output.status.success() { Ok(output.stdout) } else { Err(told) }
}

fn answer(command: &mut Command, script: &str) -> Vec<u8> {
    try_answer(command, script).unwrap_or_else(|told| panic!("{told}"))
}

fn text(command: &mut Command) -> String {
    String::from_utf8(answer(command, "")).unwrap()
}

/// Without comments, blank lines and what sets the session, which differ from one version of the program to the next.
fn plain(dumped: &str) -> String {
    let is_noise = |line: &&str| {
        let begins = |with: &[&str]| with.iter().any(|with| line.starts_with(with));
        line.trim().is_empty()
            || begins(&["--", "/*!", "/*M!", "SET ", "\\restrict", "\\unrestrict", "SELECT pg_catalog.set_config"])
    };
    dumped.lines().filter(|line| !is_noise(line)).collect::<Vec<_>>().join("\n")
}
