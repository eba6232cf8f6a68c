//! Sends what the desk says is due, some logs at a time, each message acknowledged before the next of its log.
//!
//! How many are under way at a time bounds what output takes of the connection: assignments and reports go over it, too.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use cronbus_core::id::RunId;
use tokio::sync::Semaphore;

use super::super::file::FileLog;
use super::desk::{Became, Desk, Parcel, Turn};
use super::piece::{self, BEGIN, Cut, Flags, Piece};
use crate::blocking;
use crate::bus::NatsBus;

/// How many messages are under way at a time.
const UNDER_WAY: usize = 16;

/// How often it is looked whether the bus is back.
const LOOK: Duration = Duration::from_millis(200);

/// How often people are told that something cannot be sent.
const COMPLAIN: Duration = Duration::from_secs(60);

/// The pause before a folder that could not be read is looked into again.
const AGAIN: Duration = Duration::from_secs(5);

/// Between the files and the stream.
#[derive(Debug)]
pub(super) struct Shipper {
    pub(super) files: FileLog,
    pub(super) desk: Arc<Desk>,
    /// It ends with the bus.
    pub(super) bus: Weak<NatsBus>,
    /// When people were told last that something cannot be sent.
    pub(super) complained: Mutex<Option<Instant>>,
}

impl Shipper {
    /// Sends for ever.
    pub(super) async fn run(self: Arc<Self>) {
        let under_way = Arc::new(Semaphore::new(UNDER_WAY));
        loop {
            let Ok(place) = Arc::clone(&under_way).acquire_owned().await else { return };
            match self.desk.next().await {
                Turn::Recall => self.recall().await,
                Turn::Send(run, parcel) => {
                    let shipper = Arc::clone(&self);
                    if !shipper.is_connected().await {
                        return;
                    }
                    tokio::spawn(async move {
                        let became = shipper.send(run, parcel).await;
                        shipper.desk.done(run, became);
                        drop(place);
                    });
                }
            }
        }
    }

    /// Waits for the bus; false when there is none any more.
    async fn is_connected(&self) -> bool {
        while let Some(bus) = self.bus.upgrade() {
            if bus.is_connected() {
                return true;
            }
            drop(bus);
            tokio::time::sleep(LOOK).await;
        }
        false
    }

    fn bus(&self) -> Result<Arc<NatsBus>, String> {
        self.bus.upgrade().ok_or_else(|| "the bus is closed".to_owned())
    }

    async fn recall(&self) {
        let desk = Arc::clone(&self.desk);
        if let Err(error) = blocking::elsewhere(move || desk.recall()).await {
            tracing::warn!(%error, "it cannot be seen which logs are not on the bus yet");
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn send(&self, run: RunId, parcel: Parcel) -> Became {
        match self.try_send(run, parcel).await {
            Ok(became) => became,
            Err(reason) => {
                self.complain(run, &reason);
                Became::NotNow
            }
        }
    }

    fn complain(&self, run: RunId, reason: &str) {
        let mut complained = self.complained.lock().unwrap_or_else(PoisonError::into_inner);
        if complained.is_none_or(|last| last.elapsed() >= COMPLAIN) {
            *complained = Some(Instant::now());
            tracing::warn!(%run, reason, "what a run printed cannot be sent to the bus yet; it is tried again");
        }
    }

    async fn try_send(&self, run: RunId, mut parcel: Parcel) -> Result<Became, String> {
        let offset = match parcel.offset {
            Some(offset) => offset,
            None => match self.acknowledged(run).await? {
                Acknowledged::To(offset) => offset,
                Acknowledged::All => return self.over(run).await,
            },
        };
        // Asked before the file is read: what is written after that is news.
        let is_open = self.files.is_open(run) || self.files.may_go_on(run);
        let held_back = self.files.holds_back(run);
        let Some(Cut { frames, has_more, is_closed }) = cut(&parcel.path, offset).await? else {
            // The link to a log is made before the log.
            return if is_open { Ok(Became::NotNow) } else { self.over(run).await };
        };
        let ends = !has_more && (is_closed || !is_open);
        let flags = Flags { ends, cut_off: ends && !is_closed, held_back: held_back && !ends };
        if frames.is_empty() && !ends && (parcel.is_told || !held_back) {
            parcel.offset = Some(offset);
            return Ok(Became::Sent { parcel, has_more: false });
        }
        let piece = Piece { flags, offset, frames };
        self.bus()?.keep(run, offset, &piece.encode()).await.map_err(|error| error.to_string())?;
        if ends {
            return self.over(run).await;
        }
        parcel.offset = Some(piece.end());
        parcel.pieces = parcel.pieces.saturating_add(1);
        parcel.is_told |= held_back;
        Ok(Became::Sent { parcel, has_more })
    }

    /// How far a former life of this node sent a log.
    async fn acknowledged(&self, run: RunId) -> Result<Acknowledged, String> {
        let last = self.bus()?.last_kept(run).await.map_err(|error| error.to_string())?;
        let last = last.and_then(|kept| Piece::decode(&kept.content?.1));
        Ok(match last {
            Some(piece) if piece.flags.ends => Acknowledged::All,
            Some(piece) => Acknowledged::To(piece.end()),
            // Not one message, or one that cannot be believed: readers see what comes twice.
            None => Acknowledged::To(BEGIN),
        })
    }

    async fn over(&self, run: RunId) -> Result<Became, String> {
        let markers = self.desk.markers().clone();
        let removed = blocking::elsewhere(move || markers.remove(run)).await;
        removed.map_err(|error| error.to_string())?;
        Ok(Became::Over)
    }
}

enum Acknowledged {
    To(u64),
    All,
}

/// What is next of a file; `None` when it was removed.
async fn cut(path: &Arc<Path>, offset: u64) -> Result<Option<Cut>, String> {
    let path = Arc::clone(path);
    match blocking::elsewhere(move || piece::cut(&path, offset)).await {
        Ok(cut) => Ok(Some(cut)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}
