//! Those who ask a node all the time: each time anew, and over connections that are kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::support::Node;

/// Between two questions of one of them.
const PAUSE: Duration = Duration::from_millis(5);

/// Asks until it is dismissed.
pub(crate) struct Crowd {
    is_over: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
    askers: Vec<JoinHandle<Vec<String>>>,
}

impl Crowd {
    /// Some who connect anew for each question, and some who keep their connection.
    pub(crate) fn around(node: &Node) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (is_over, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let askers = [(0, "/readyz"), (0, "/api/v1/jobs?limit=1"), (1, "/readyz"), (1, "/api/v1/jobs?limit=1")];
        let askers = askers.map(|(kept, path)| {
            let (url, token) = (node.url(path), node.token());
            let (is_over, asked) = (Arc::clone(&is_over), Arc::clone(&asked));
            std::thread::spawn(move || ask(kept, &url, &token, &is_over, &asked))
        });
        Self { is_over, asked, askers: askers.into() }
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Ends it; everybody must have been answered, and well. Returns how often it was asked.
    pub(crate) fn dismiss(self) -> usize {
        let asked = Arc::clone(&self.asked);
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "{} of {asked:?}: {complaints:#?}", complaints.len());
        asked.load(Ordering::SeqCst)
    }

    /// Ends it; returns what was wrong with answers.
    pub(crate) fn complaints(self) -> Vec<String> {
        self.is_over.store(true, Ordering::SeqCst);
        self.askers.into_iter().flat_map(|asker| asker.join().unwrap()).collect()
    }
}

fn ask(kept: usize, url: &str, token: &str, is_over: &AtomicBool, asked: &AtomicUsize) -> Vec<String> {
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).pool_max_idle_per_host(kept).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut complaints = Vec::new();
    runtime.block_on(async {
        while !is_over.load(Ordering::SeqCst) {
            let answer = async { http.get(url).bearer_auth(token).send().await?.error_for_status()?.text().await };
            if let Err(error) = answer.await {
                complaints.push(format!("{url}, kept {kept}: {error:?}"));
            }
            asked.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(PAUSE).await;
        }
    });
    complaints
}
