//! A body of tagged sections, of which a reader takes those it knows.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{DecodeError, EncodeError};

/// Writes a body.
pub(super) struct Writer(Vec<u8>);

impl Writer {
    /// A body of a kind.
    pub(super) fn new(kind: u8) -> Self {
        Self(vec![kind])
    }

    /// Adds a section: a byte for its tag, four for its length, big-endian, and its value.
    pub(super) fn section(mut self, tag: u8, value: &impl Serialize) -> Result<Self, EncodeError> {
        self.0.push(tag);
        let start = self.0.len();
        self.0.extend_from_slice(&[0; 4]);
        let mut bytes = postcard::to_extend(value, self.0).map_err(|error| EncodeError::new(&error))?;
        let length = bytes.len().saturating_sub(start + 4);
        let length = u32::try_from(length).map_err(|_| EncodeError::new(&"a section has more than 4 GiB"))?;
        if let Some(place) = bytes.get_mut(start..start + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
        Ok(Self(bytes))
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// The sections of a body.
pub(super) struct Sections<'body>(Vec<(u8, &'body [u8])>);

/// How many sections a body may have: far more than there are tags in use.
const MOST_SECTIONS: usize = 64;

impl<'body> Sections<'body> {
    pub(super) fn read(body: &'body [u8]) -> Result<Self, DecodeError> {
        let mut sections = Vec::new();
        let mut rest = body;
        while let Some((tag, after)) = rest.split_first() {
            let (length, after) = after.split_first_chunk::<4>().ok_or_else(|| broken("a length is cut off"))?;
            let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
            let (section, after) = after.split_at_checked(length).ok_or_else(|| broken("a section is cut off"))?;
            if sections.len() == MOST_SECTIONS {
                return Err(broken("it has too many sections"));
            }
            sections.push((*tag, section));
            rest = after;
        }
        Ok(Self(sections))
    }

    /// The value of a section that must be there.
    pub(super) fn get<T: DeserializeOwned>(&self, tag: u8, part: &'static str) -> Result<T, DecodeError> {
        let missing = || DecodeError::Unreadable { part, reason: "it is missing".to_owned() };
        self.find(tag, part)?.ok_or_else(missing)
    }

    /// The value of a section that older versions do not write.
    pub(super) fn find<T: DeserializeOwned>(&self, tag: u8, part: &'static str) -> Result<Option<T>, DecodeError> {
        let unreadable = |error: postcard::Error| DecodeError::Unreadable { part, reason: error.to_string() };
        let found = self.0.iter().find(|(known, _)| *known == tag);
        found.map(|(_, section)| postcard::from_bytes(section).map_err(unreadable)).transpose()
    }
}

fn broken(reason: &str) -> DecodeError {
    DecodeError::Unreadable { part: "sections", reason: reason.to_owned() }
}
