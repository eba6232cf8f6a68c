//! Waiting for a run's end.

use std::time::Duration;

use anyhow::Result;
use cronbus_core::id::RunId;
use tokio::time::sleep;

use crate::ctl::client::{Client, run_path};
use crate::web::view::RunView;

/// The first pause between two looks; each is half as long again as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The run as it is when it is over.
///
/// # Errors
/// When no node answers, or the run is gone.
pub(crate) async fn until_over(client: &Client, run: RunId) -> Result<RunView> {
    let path = run_path(&run.to_string());
    let mut pause = FIRST_PAUSE;
    loop {
        let view: RunView = client.get(&path, &[]).await?;
        if view.state.is_terminal() {
            return Ok(view);
        }
        sleep(pause).await;
        pause = (pause + pause / 2).min(LONGEST_PAUSE);
    }
}
