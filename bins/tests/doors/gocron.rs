//! gocron's table of jobs, on a real MariaDB, becomes jobs of a node.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::servers::{mariadb, sql};
use crate::support::{Node, cronbus};

/// The table as gocron makes it, with jobs of every kind that it knows.
const TABLE: &str = "
CREATE TABLE tb_cron_schedule (
  id int(11) unsigned NOT NULL AUTO_INCREMENT, jobid int(11) NOT NULL, job_name varchar(550) NOT NULL DEFAULT '',
  cmd varchar(200) NOT NULL, rule varchar(100) NOT NULL, runyear int(11) DEFAULT NULL, querytype varchar(50) DEFAULT '',
  state tinyint(4) NOT NULL DEFAULT '1', author varchar(50) DEFAULT '', admin_mobile varchar(10) DEFAULT '',
  admin_email varchar(100) DEFAULT '', remark varchar(500) DEFAULT '', createtime datetime DEFAULT NULL,
  runat varchar(50) DEFAULT '', overflow int(11) DEFAULT '0', PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8;
INSERT INTO tb_cron_schedule
  (jobid, job_name, cmd, rule, runyear, querytype, state, author, admin_mobile, admin_email, remark, createtime, runat, overflow)
VALUES
  (101, '日报表', 'php /srv/report.php --day=\"$(date +%F)\"', '30 6 * * 1-5', NULL, 'shell', 1, 'ann', '1380000000',
   'ann@example.com', 'the daily report', NOW(), 'phpgroup', 1),
  (102, 'ping', 'http://127.0.0.1:9/cron?a=1&b={{x}}', '*/5 * * * *', 0, 'wget', 1, 'bob', '', '', '', NOW(), '', 0),
  (103, 'clean up', 'find /tmp -name \"*.old\" -delete', '0 0 */10 * 1', 2026, '', 2, '', '', '', '', NULL, 'cron74', 2),
  (104, 'worker', 'worker run', '@every 5m', NULL, 'shell', 1, '', '', '', '', NULL, 'nogroup', 3),
  (105, 'parallel', 'curl -s localhost', 'CRON_TZ=America/New_York 0 9 * * *', NULL, 'curlx', 1, '', '', '', '', NULL, '', 4),
  (106, 'broken', 'true', '61 * * * *', NULL, 'shell', 1, '', '', '', '', NULL, '', 0),
  (107, 'clean up', 'true', '@hourly', NULL, 'shell', 1, '', '', '', NULL, NULL, NULL, 9);
";

const CONF_INI: &str = "[machine]\nphpgroup = 192.168.2.74|192.168.2.75\ncron74 = 192.168.100.74\n";

/// A database of gocron.
struct Gocron {
    database: &'static str,
    folder: tempfile::TempDir,
}

impl Gocron {
    fn start(database: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("conf.ini"), CONF_INI).unwrap();
        make_table(database);
        Self { database, folder }
    }

    fn url(&self) -> String {
        mariadb().url().replace("/cronbus", &format!("/{}", self.database))
    }

    fn import(&self, data: &Path, words: &[&str]) -> Output {
        let mut command = cronbus(data);
        command.args(["import", "gocron", "--from", &self.url(), "--timezone", "Asia/Shanghai", "--machines"]);
        command.arg(self.folder.path().join("conf.ini")).args(words).output().unwrap()
    }
}

/// Makes a database with the table in it.
pub(crate) fn make_table(database: &str) {
    sql(&format!("CREATE DATABASE {database} CHARACTER SET utf8; USE {database}; {TABLE}"));
}

pub(crate) fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// The lines that belong to one row of the table.
fn about<'a>(report: &'a str, row: &str) -> Vec<&'a str> {
    let mut lines = report.lines().skip_while(|line| !line.contains(row));
    let first = lines.next().unwrap_or_else(|| panic!("nothing about {row}: {report}"));
    std::iter::once(first).chain(lines.take_while(|line| line.starts_with("    "))).collect()
}

#[test]
fn a_report_shows_both_readings_and_what_changes_and_only_write_writes() {
    let (gocron, node) = (Gocron::start("reported"), Node::start());
    let output = gocron.import(&node.data(), &[]);
    let report = told(&output);
    assert_eq!(output.status.code(), Some(1), "a row was refused, and whoever asks has to know: {report}");
    assert!(report.contains("nothing is written without --write") && report.contains("1 of 7 jobs were refused"));
    for (row, says, moments) in [
        (
            "101 日报表",
            &["30 6 * * 1-5", "here and in gocron", "exit code 0", "group phpgroup", "192.168.2.75"][..],
            10,
        ),
        ("101 日报表", &["T06:30:00+08:00", "tell ann@example.com 1380000000", "/bin/bash"], 10),
        ("102 ping", &["status of 200 to 299", "nothing is saved as a file"], 10),
        ("103 clean up", &["not enabled", "the readings differ", "group cron74", "runyear is `2026`"], 10),
        ("104 worker", &["from its own start", "nogroup, which [machine] does not have"], 10),
        ("105 parallel", &["T22:00:00+08:00", "here and in gocron"], 10),
        ("106 broken", &["refused", "61"], 0),
        ("107 clean up", &["+ clean-up-107", "overflow is 9"], 10),
    ] {
        let lines = about(&report, row);
        let text = lines.join("\n");
        says.iter().for_each(|says| assert!(text.contains(says), "{says}: {text}"));
        assert_eq!(lines.iter().filter(|line| line.starts_with("      20")).count(), moments, "{text}");
    }
    assert_eq!(node.ask_json(&["job", "list"]), json!([]));
    assert_eq!(node.ask_json(&["run", "list"]), json!([]));
}

#[test]
fn what_is_written_is_there_is_due_as_the_report_said_and_is_not_written_twice() {
    let (gocron, node) = (Gocron::start("written"), Node::start());
    let before = sql("CHECKSUM TABLE written.tb_cron_schedule");
    let first = told(&gocron.import(&node.data(), &["--write"]));
    assert!(first.contains("6 added, 0 changed"), "{first}");
    let again = told(&gocron.import(&node.data(), &["--write"]));
    assert!(again.contains("nothing to do: 6 jobs"), "{again}");
    assert_eq!(sql("CHECKSUM TABLE written.tb_cron_schedule"), before, "gocron's table is left alone");

    let rows: Value = serde_json::from_slice(&gocron.import(&node.data(), &["--json"]).stdout).unwrap();
    let compared: Vec<&Value> = rows.as_array().unwrap().iter().filter(|row| row["job"].is_object()).collect();
    assert_eq!(compared.len(), 6);
    for row in compared {
        let job = node.ask_json(&["job", "show", row["job"]["name"].as_str().unwrap()]);
        assert_eq!((&job["revision"], &job["command"]), (&json!(1), &row["job"]["command"]), "{row}");
        match (row["jobid"].as_i64().unwrap(), &job["next_at"]) {
            // Due from when it was made, and not at all.
            (104, next) => assert!(next.is_string(), "{job}"),
            (103, next) => assert_eq!((next, &job["enabled"]), (&Value::Null, &json!(false)), "{job}"),
            (_, next) => assert!(row["next"].as_array().unwrap().contains(next), "{job} {row}"),
        }
    }
    let job = node.ask_json(&["job", "show", "日报表"]);
    assert_eq!((&job["target"], &job["timezone"]), (&json!({ "group": "phpgroup" }), &json!("Asia/Shanghai")));
    assert_eq!(job["command"]["shell"], "php /srv/report.php --day=\"$(date +%F)\"");

    sql("UPDATE written.tb_cron_schedule SET rule = '0 7 * * *' WHERE jobid = 101");
    let changed = told(&gocron.import(&node.data(), &["--write"]));
    assert!(changed.contains("0 added, 1 changed, 0 deleted, 5 as they were"), "{changed}");
}

#[test]
fn a_database_that_cannot_be_read_is_named_without_its_password() {
    make_table("unreadable");
    sql("CREATE USER ann@'127.0.0.1' IDENTIFIED BY 'right'");
    let port = mariadb().port();
    let folder = tempfile::tempdir().unwrap();
    for (url, says) in [
        (format!("mysql://ann:secret@127.0.0.1:{port}/unreadable"), "Access denied"),
        (format!("mysql://root:@127.0.0.1:{port}/nowhere"), "nowhere"),
        (format!("mysql://root:@127.0.0.1:{port}/cronbus"), "tb_cron_schedule"),
        ("postgres://root:secret@127.0.0.1/gocron".to_owned(), "mysql://"),
        ("mysql://root:secret@127.0.0.1:1/gocron".to_owned(), "127.0.0.1:1"),
    ] {
        let output = cronbus(folder.path()).args(["import", "gocron"]).env("CRONBUS_GOCRON_DATABASE", &url).output();
        let output = output.unwrap();
        let text = told(&output);
        assert!(output.status.code() == Some(1) && text.contains(says) && !text.contains("secret"), "{url}: {text}");
    }
}
