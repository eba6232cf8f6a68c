//! gocron's `conf.ini` starts a node as it is, on the servers that it names.

use cronbus_servers::{Kind, Server};
use serde_json::json;

use crate::gocron::{make_table, told};
use crate::servers::{mariadb, sql};
use crate::support::{Client, Node, cronbus, wait_for};

/// A password that a URL, a shell and a reader of this format each could stumble over.
const PASSWORD: &str = "p=a#s%s w@r/d:";

/// The file as gocron's manual has it; of its machines one is this host.
fn conf_ini(redis: &Server, database: &str) -> String {
    format!(
        "# gocron\n[database]\nusername = {database}\npassword = {PASSWORD}\nhost = localhost\nport = {port}\n\
         database = {database}\ncharset = utf8\n[redis]\nhost = 127.0.0.1\nport = {redis}\nmax_idle = 10\n\
         max_active = 60\n[machine]\nphpgroup = 192.0.2.74|127.0.0.1|192.0.2.75\npcrongroup = 192.0.2.206\n\
         [alarm_mail_list]\ncron_mail = ops@example.com duty@example.com\nfrom_mail = cron@example.com\n\
         cron_url = http://cron.example.com\n",
        port = mariadb().port(),
        redis = redis.port(),
    )
}

fn make_database(name: &str) {
    make_table(name);
    for host in ["localhost", "127.0.0.1"] {
        sql(&format!("CREATE USER {name}@'{host}' IDENTIFIED BY '{PASSWORD}'"));
        sql(&format!("GRANT ALL ON {name}.* TO {name}@'{host}'"));
    }
}

#[test]
fn a_node_starts_on_its_servers_in_its_groups_and_takes_its_jobs_over() {
    let redis = Server::start(Kind::Redis).unwrap();
    make_database("alone");
    let mut node = Node::prepare("conf.ini", &conf_ini(&redis, "alone"));
    node.start_again();
    assert_eq!(node.ask_json(&["nodes", "list"])[0]["groups"], json!(["phpgroup"]));
    let said = "[alarm_mail_list] is the channel alarm_mail_list: mail to ops@example.com, duty@example.com";
    assert!(node.log().contains(said), "{}", node.log());
    let (_, _, ready) = Client::new().send(Client::new().get(&node, "/readyz"));
    assert!(ready.contains("guard") && ready.contains("redis://127.0.0.1"), "{ready}");

    // The table is in the database that the file names, beside those of this program.
    let file = node.config_path();
    let output = cronbus(&node.data()).args(["import", "gocron", "--write", "--machines"]).arg(&file).output().unwrap();
    assert!(told(&output).contains("6 added"), "{}", told(&output));
    node.ask(&["job", "edit", "日报表", "--set", "command={shell=\"echo here\"}"]);
    let run = node.ask(&["job", "run", "日报表", "--wait"]);
    assert_eq!(node.ask(&["run", "logs", run.trim()]), "here\n");
    assert_eq!(sql("SELECT COUNT(*) FROM alone.runs"), "1\n");
}

#[test]
fn a_node_of_it_joins_others_when_it_is_told_where_they_are() {
    let [redis, nats, etcd] = [Kind::Redis, Kind::Nats, Kind::Etcd].map(|kind| Server::start(kind).unwrap());
    make_database("together");
    let started = |name: &str, groups: Option<&str>| {
        let mut node = Node::prepare("conf.ini", &conf_ini(&redis, "together"));
        node.set("CRONBUS_BUS__URL", nats.url());
        node.set("CRONBUS_MEMBERSHIP__URL", etcd.url());
        node.set("CRONBUS_CLUSTER__KEY", "c0ffee11".repeat(8));
        node.set("CRONBUS_NODE__NAME", name);
        groups.into_iter().for_each(|groups| node.set("CRONBUS_NODE__GROUPS", groups));
        node.start_again();
        node
    };
    let (one, two) = (started("one", None), started("two", Some("pcrongroup")));
    wait_for("both to be among the members", || {
        let listed = one.ask_json(&["nodes", "list"]);
        (listed.as_array().unwrap().len() == 2).then_some(())
    });
    one.ask(&["job", "add", "there", "--shell", "echo $CRONBUS_JOB", "--target", "group=pcrongroup"]);
    let run = two.ask(&["job", "run", "there", "--wait"]);
    assert_eq!(one.ask_json(&["run", "show", run.trim()])["node"], "two");
}

#[test]
fn what_it_does_not_do_is_said_before_it_starts() {
    let redis = "[machine]\ncron74 = 192.0.2.74\n[alarm_mail_list]\ncron_mail = ops@example.com\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("conf.ini");
    std::fs::write(&file, redis).unwrap();
    let output = cronbus(folder.path()).args(["config", "check"]).arg(&file).output().unwrap();
    let text = told(&output);
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("mail to ops@example.com goes to the mail server of this host")
            && text.contains("give it one with --group"),
        "{text}"
    );
}
