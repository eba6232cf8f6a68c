//! Time zones as tables: stretches of constant offset, read once from jiff's bundled IANA database.
//!
//! The bundled database and never the machine's: all nodes have to agree. What a rule does at the border between two
//! stretches is decided in `search`.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::error::Error;

/// The first instant schedules know, in seconds since the epoch: 1970-01-01T00:00:00Z.
pub(super) const FIRST: i64 = 0;
/// The first instant schedules do not know: 2200-01-01T00:00:00Z.
pub(super) const HORIZON: i64 = 7_258_118_400;

/// Longer than any zone name, so that no long text is compared with all of them.
const LONGEST_NAME: usize = 64;
/// Less alike than this is not worth suggesting.
const ALIKE: f64 = 0.75;

/// Every zone in use, once; no more than the database has names.
static ZONES: LazyLock<RwLock<HashMap<String, Arc<Zone>>>> = LazyLock::new(RwLock::default);

/// A zone's stretches from [`FIRST`] to [`HORIZON`].
#[derive(Debug)]
pub(super) struct Zone {
    name: String,
    stretches: Box<[Stretch]>,
}

/// From `start` on (UTC seconds) the wall clock shows UTC plus `offset` seconds.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    start: i64,
    offset: i64,
}

/// One stretch between its neighbours. All in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Period {
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) offset: i64,
    /// How far the clock was moved at `start`: forward is positive (a gap), backward negative (a fold), 0 at the first.
    pub(super) opening: i64,
    /// The same at `end`; 0 at the last.
    pub(super) closing: i64,
}

impl Zone {
    /// By IANA name, letter case ignored.
    pub(super) fn find(name: &str) -> Result<Arc<Self>, Error> {
        if let Some(zone) = Self::in_use(name) {
            return Ok(zone);
        }
        let known = TimeZoneDatabase::bundled().get(name).ok().filter(|zone| !zone.is_unknown());
        let Some(zone) = known else { return Err(unknown(name)) };
        let name = zone.iana_name().unwrap_or("UTC");
        if let Some(zone) = Self::in_use(name) {
            return Ok(zone);
        }
        let table = Arc::new(Self::tabulate(name, &zone));
        let mut zones = ZONES.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(zones.entry(name.to_owned()).or_insert(table)))
    }

    fn in_use(name: &str) -> Option<Arc<Self>> {
        ZONES.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn tabulate(name: &str, zone: &TimeZone) -> Self {
        let first = jiff::Timestamp::from_second(FIRST).unwrap_or_default();
        let offset_of = |offset: jiff::tz::Offset| i64::from(offset.seconds());
        let mut stretches = vec![Stretch { start: FIRST, offset: offset_of(zone.to_offset(first)) }];
        for change in zone.following(first).take_while(|change| change.timestamp().as_second() < HORIZON) {
            let next = Stretch { start: change.timestamp().as_second(), offset: offset_of(change.offset()) };
            // A change of name or of daylight saving's label alone does not move the clock.
            if stretches.last().is_none_or(|last| last.offset != next.offset) {
                stretches.push(next);
            }
        }
        Self { name: name.to_owned(), stretches: stretches.into() }
    }

    /// The name as the database writes it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The offset when it never changes.
    pub(super) fn constant_offset(&self) -> Option<i64> {
        match &*self.stretches {
            [only] => Some(only.offset),
            _ => None,
        }
    }

    /// Seconds the wall clock is ahead of UTC at an instant.
    pub(super) fn offset_at(&self, second: i64) -> i64 {
        self.stretches.get(self.index_at(second)).map_or(0, |stretch| stretch.offset)
    }

    /// The index of the stretch an instant lies in.
    pub(super) fn index_at(&self, second: i64) -> usize {
        self.stretches.partition_point(|stretch| stretch.start <= second).saturating_sub(1)
    }

    /// The stretch at an index.
    pub(super) fn period(&self, index: usize) -> Option<Period> {
        let this = self.stretches.get(index)?;
        let before = index.checked_sub(1).and_then(|before| self.stretches.get(before)).unwrap_or(this);
        let after = self.stretches.get(index + 1);
        Some(Period {
            start: this.start,
            end: after.map_or(HORIZON, |after| after.start),
            offset: this.offset,
            opening: this.offset - before.offset,
            closing: after.map_or(0, |after| after.offset - this.offset),
        })
    }
}

fn unknown(name: &str) -> Error {
    let shown: String = name.chars().take(LONGEST_NAME).collect();
    Error::UnknownZone { nearest: nearest(&shown), name: shown }
}

/// The zone whose name, or whose city, is written most like `name`.
fn nearest(name: &str) -> Option<String> {
    let wanted = name.to_lowercase().replace(' ', "_");
    let likeness = |zone: &str| {
        let zone = zone.to_lowercase();
        let city = zone.rsplit('/').next().unwrap_or(&zone);
        strsim::jaro_winkler(&zone, &wanted).max(0.99 * strsim::jaro_winkler(city, &wanted))
    };
    TimeZoneDatabase::bundled()
        .available()
        .map(|zone| (likeness(zone.as_str()), zone.as_str().to_owned()))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, zone)| zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_names_in_any_case_and_shares_them() {
        let one = Zone::find("america/NEW_york").unwrap();
        assert_eq!(one.name(), "America/New_York");
        assert!(Arc::ptr_eq(&one, &Zone::find("America/New_York").unwrap()));
    }

    #[test]
    fn suggests_the_nearest_name() {
        for (written, meant) in [
            ("Asia/Shangai", Some("Asia/Shanghai")),
            ("Shanghai", Some("Asia/Shanghai")),
            ("New York", Some("America/New_York")),
            ("Europe/Londn", Some("Europe/London")),
            ("", None),
            ("!!!", None),
        ] {
            let Err(Error::UnknownZone { nearest, .. }) = Zone::find(written) else { panic!("{written}") };
            assert_eq!(nearest.as_deref(), meant, "{written}");
        }
    }

    #[test]
    fn agrees_with_jiff_in_every_zone() {
        for name in TimeZoneDatabase::bundled().available() {
            let (zone, jiff) = (Zone::find(name.as_str()).unwrap(), TimeZone::get(name.as_str()).unwrap());
            for step in 0..3_000 {
                let second = step * 2_400_011;
                let expected = jiff.to_offset(jiff::Timestamp::from_second(second).unwrap()).seconds();
                assert_eq!(zone.offset_at(second), i64::from(expected), "{} at {second}", name.as_str());
            }
        }
    }

    #[test]
    fn has_one_stretch_where_the_clock_never_moves() {
        assert_eq!(Zone::find("UTC").unwrap().constant_offset(), Some(0));
        assert_eq!(Zone::find("Etc/GMT-8").unwrap().constant_offset(), Some(28_800));
        assert_eq!(Zone::find("Europe/London").unwrap().constant_offset(), None);
    }
}
