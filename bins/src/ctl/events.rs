//! Reading server-sent events (HTML standard, section 9.2) from pieces of any size.

use anyhow::bail;

/// A sender that makes one event longer than this means no good.
const LONGEST_EVENT: usize = 8 << 20;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// What sort of event it is.
    pub(crate) name: String,
    /// Its id; events without one keep the id of the one before.
    pub(crate) id: Option<String>,
    /// What it says.
    pub(crate) data: String,
}

/// Puts pieces together.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    rest: Vec<u8>,
    event: Event,
    size: usize,
}

impl Reader {
    /// Takes a piece in, and gives back the events that it completes.
    ///
    /// # Errors
    /// When an event is too long to be one.
    pub(crate) fn take(&mut self, piece: &[u8]) -> anyhow::Result<Vec<Event>> {
        self.rest.extend_from_slice(piece);
        self.size += piece.len();
        let mut events = Vec::new();
        let buffered = std::mem::take(&mut self.rest);
        let lines = buffered.split_inclusive(|byte| *byte == b'\n');
        for line in lines {
            if !line.ends_with(b"\n") {
                self.rest = line.to_vec();
                break;
            }
            events.extend(self.line(String::from_utf8_lossy(line).trim_end_matches(['\r', '\n'])));
        }
        if self.size > LONGEST_EVENT {
            bail!("the node sent an event of more than {LONGEST_EVENT} bytes");
        }
        Ok(events)
    }

    fn line(&mut self, line: &str) -> Option<Event> {
        if line.is_empty() {
            self.size = self.rest.len();
            let event = std::mem::take(&mut self.event);
            return (!event.data.is_empty()).then_some(event);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "id" => self.event.id = Some(value.to_owned()),
            "data" if self.event.data.is_empty() => value.clone_into(&mut self.event.data),
            "data" => {
                self.event.data.push('\n');
                self.event.data.push_str(value);
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STREAM: &str =
        ": hello\n\nevent: chunk\nid: 0\ndata: {\"a\":\"ü\"}\n\nevent: x\r\ndata: 1\r\ndata: 2\r\n\r\ndata: ";

    #[test]
    fn events_end_with_an_empty_line() {
        let events = Reader::default().take(STREAM.as_bytes()).unwrap();
        let chunk = Event { name: "chunk".to_owned(), id: Some("0".to_owned()), data: "{\"a\":\"ü\"}".to_owned() };
        let other = Event { name: "x".to_owned(), id: None, data: "1\n2".to_owned() };
        assert_eq!(events, [chunk, other]);
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(cuts in prop::collection::vec(0..STREAM.len(), 0..8)) {
            let mut cuts = cuts;
            cuts.extend([0, STREAM.len()]);
            cuts.sort_unstable();
            let mut reader = Reader::default();
            let pieces = cuts.windows(2).map(|cut| &STREAM.as_bytes()[cut[0]..cut[1]]);
            let events: Vec<_> = pieces.flat_map(|piece| reader.take(piece).unwrap()).collect();
            prop_assert_eq!(events, Reader::default().take(STREAM.as_bytes()).unwrap());
        }

        #[test]
        fn garbage_does_not_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Reader::default().take(&bytes);
        }
    }
}
