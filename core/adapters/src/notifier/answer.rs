//! Reading answers: as much as is needed to judge them, and when to come back.

use std::time::Duration;

use cronbus_core::time::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::Response;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// How much of an answer is read; what follows is left on the wire.
const LONGEST: usize = 16 << 10;

/// Nobody is left alone for longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// The beginning of the body. An answer that breaks off ends where it does: what it means is seen from what came.
pub(super) async fn beginning(mut response: Response) -> String {
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = LONGEST.saturating_sub(bytes.len());
        bytes.extend(chunk.iter().take(room));
        if bytes.len() >= LONGEST {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// For how long to wait, by the header `Retry-After` (RFC 9110, 10.2.3): seconds, or a date.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => Timestamp::from_jiff(rfc2822::parse(text).ok()?.timestamp()).since(now),
    };
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_seconds_or_a_date_and_never_long() {
        let now = Timestamp::from_seconds(784_111_777 - 90);
        for (text, wait) in [
            ("7", Some(7)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(90)),
            ("Sun, 06 Nov 1993 08:49:37 GMT", None),
            ("99999999999", Some(3_600)),
            ("soon", None),
            ("-1", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            let seconds = retry_after(&headers, now).map(|wait| wait.as_secs());
            assert!(seconds == wait || (wait.is_none() && seconds == Some(0)), "{text}: {seconds:?}");
        }
    }
}
