//! Whose cryptography TLS uses: ring's, for the whole process.

use std::sync::Once;

/// Says so, unless another part of the program has said something already.
pub(crate) fn provide_cryptography() {
    static CRYPTOGRAPHY: Once = Once::new();
    CRYPTOGRAPHY.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
}
