//! Somebody who reads every page of a node, and everything that REST lists.

use std::collections::BTreeMap;
use std::time::Instant;

use reqwest::header::{COOKIE, SET_COOKIE};

use crate::support::{Client, Node, form, wait_for};

/// Somebody who signed in at a node.
pub(crate) struct Reader<'a> {
    node: &'a Node,
    client: Client,
    cookie: String,
}

impl<'a> Reader<'a> {
    /// Signs in.
    pub(crate) fn of(node: &'a Node) -> Self {
        let client = Client::new();
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        let http = http.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let request = http.post(node.url("/login")).body(form(&[("token", &node.token())]));
        let cookie = client.run(async {
            let answer = request.send().await.unwrap();
            answer.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
        });
        Self { node, client, cookie }
    }

    /// What a path shows; it must be there.
    fn read(&self, path: &str) -> String {
        let (status, _, text) = self.client.send(self.client.get(self.node, path).header(COOKIE, &self.cookie));
        assert_eq!(status, 200, "{path}: {text:.500}");
        text
    }

    /// How long it takes to show it, in seconds.
    pub(crate) fn time(&self, path: &str) -> f64 {
        let begun = Instant::now();
        self.read(path);
        begun.elapsed().as_secs_f64()
    }

    /// Waits until the overview has counted everything, which it does in the background.
    pub(crate) fn until_it_is_known(&self) {
        wait_for("the overview to have counted", || (!self.read("/").contains("still counting")).then_some(()));
    }

    /// The memory of the node, in bytes.
    pub(crate) fn resident(&self) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.node.pid())).unwrap();
        let line = text.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0
    }

    /// Every page by a name, with its path at this node.
    pub(crate) fn paths(&self) -> BTreeMap<&'static str, String> {
        let run = attribute(&self.read("/runs"), "/runs/").unwrap_or_default();
        let mut paths: BTreeMap<&'static str, String> = [
            ("/", "/"),
            ("/jobs", "/jobs"),
            ("/jobs?name=", "/jobs?name=job-0"),
            ("/jobs?name=none", "/jobs?name=nobody"),
            ("/jobs?state=paused", "/jobs?state=paused"),
            ("/jobs?group=none", "/jobs?group=nobody"),
            ("/jobs?label=", "/jobs?label=team%3Dteam-0"),
            ("/jobs?label=none", "/jobs?label=team%3Dnobody"),
            ("/jobs/JOB", "/jobs/job-0"),
            ("/jobs/JOB/edit", "/jobs/job-0/edit"),
            ("/jobs/new", "/jobs/new"),
            ("/runs", "/runs"),
            ("/runs?job=", "/runs?job=job-0"),
            ("/runs?within=7d", "/runs?within=7d"),
            ("/runs?state=succeeded", "/runs?state=succeeded"),
            ("/runs?state=failed", "/runs?state=failed"),
            ("/runs?state=killed", "/runs?state=killed"),
            ("/runs?state=running", "/runs?state=created%2Cassigned%2Crunning"),
            ("/runs?trigger=manual", "/runs?trigger=manual"),
            ("/runs?node=none", "/runs?node=nobody"),
            ("/nodes", "/nodes"),
            ("/alerts", "/alerts"),
            ("/api/v1/jobs", "/api/v1/jobs"),
            ("/api/v1/jobs?name=none", "/api/v1/jobs?name=nobody"),
            ("/api/v1/jobs/JOB", "/api/v1/jobs/job-0"),
            ("/api/v1/jobs/JOB/status", "/api/v1/jobs/job-0/status"),
            ("/api/v1/jobs/JOB/history", "/api/v1/jobs/job-0/history"),
            ("/api/v1/runs", "/api/v1/runs"),
            ("/api/v1/runs?state=running", "/api/v1/runs?state=created,assigned,running"),
            ("/api/v1/runs?state=killed", "/api/v1/runs?state=killed"),
            ("/api/v1/runs?node=none", "/api/v1/runs?node=nobody"),
            ("/api/v1/nodes", "/api/v1/nodes"),
            ("/metrics", "/metrics"),
        ]
        .map(|(name, path)| (name, path.to_owned()))
        .into();
        paths.insert("/runs/RUN", run.clone());
        paths.insert("/api/v1/runs/RUN", format!("/api/v1{run}"));
        for list in ["/jobs", "/runs"] {
            let next = attribute(&self.read(list), &format!("{list}?"));
            let name = if list == "/jobs" { "/jobs, next page" } else { "/runs, next page" };
            paths.insert(name, next.unwrap_or_else(|| list.to_owned()));
        }
        paths
    }
}

/// The first link in a page whose address begins so.
fn attribute(page: &str, begins: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("href=\"{begins}"))?;
    let (rest, _) = rest.split_once('"')?;
    Some(format!("{begins}{}", rest.replace("&amp;", "&").replace("&#38;", "&")))
}
