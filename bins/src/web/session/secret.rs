//! What only the browser of a session knows, and what is derived from it.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How many random bytes a secret has.
const BYTES: usize = 32;

/// A new secret, as 64 hexadecimal digits.
///
/// # Errors
/// When the system has no random bytes.
pub(crate) fn make() -> Result<String, getrandom::Error> {
    let mut random = [0_u8; BYTES];
    getrandom::fill(&mut random)?;
    Ok(hex(&random))
}

/// Bytes as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The CSRF token of a session: whoever can read its pages knows it, another site does not, and the cookie cannot be
/// found from it.
pub(crate) fn csrf_of(secret: &str) -> String {
    hex(&Sha256::digest(format!("csrf of {secret}").as_bytes()))
}

/// Whether `shown` is the CSRF token of the session; the time it takes does not tell how much of it is right.
pub(crate) fn is_csrf_of(secret: &str, shown: &str) -> bool {
    csrf_of(secret).as_bytes().ct_eq(shown.as_bytes()).into()
}
