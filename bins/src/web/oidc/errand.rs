//! What one browser's way to the provider and back is known by. All of it follows from one secret that only the browser
//! has, so that no node has to remember it.

use std::time::Duration;

use openidconnect::{CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The cookie that a browser has meanwhile.
pub(crate) const COOKIE: &str = "cronbus_sign_in";

/// How long the way may take: long enough for a password, a second factor, and finding the telephone.
pub(crate) const LASTS: Duration = Duration::from_secs(10 * 60);

/// How long a secret is (`session::new_secret`).
const LENGTH: usize = 64;

/// One way there and back.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Errand {
    secret: String,
    /// Where to go on afterwards. Whoever reads it asks again whether it is within this site.
    pub(crate) next: String,
}

impl Errand {
    /// Of this secret.
    pub(crate) fn new(secret: String, next: &str) -> Self {
        Self { secret, next: next.to_owned() }
    }

    /// As the cookie has it.
    pub(crate) fn to_cookie(&self) -> String {
        format!("{}.{}", self.secret, URL_SAFE_NO_PAD.encode(&self.next))
    }

    /// From the cookie; nothing when it is none of ours.
    pub(crate) fn of_cookie(value: &str) -> Option<Self> {
        let (secret, next) = value.split_once('.')?;
        if secret.len() != LENGTH || !secret.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let next = String::from_utf8(URL_SAFE_NO_PAD.decode(next).ok()?).ok()?;
        Some(Self { secret: secret.to_owned(), next })
    }

    /// What the store knows it by the hash of.
    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    /// What the provider gives back unchanged: only the browser that went there can have brought it.
    pub(super) fn state(&self) -> CsrfToken {
        CsrfToken::new(self.derive("state"))
    }

    /// Whether that is what came back.
    pub(crate) fn is_state(&self, shown: &str) -> bool {
        self.derive("state").as_bytes().ct_eq(shown.as_bytes()).into()
    }

    /// What the ID token has to repeat: it was made for this way and no other.
    pub(super) fn nonce(&self) -> Nonce {
        Nonce::new(self.derive("nonce"))
    }

    /// What proves that whoever shows the code also asked for it.
    pub(super) fn verifier(&self) -> PkceCodeVerifier {
        PkceCodeVerifier::new(self.derive("verifier"))
    }

    /// What the provider compares it with.
    pub(super) fn challenge(&self) -> PkceCodeChallenge {
        PkceCodeChallenge::from_code_verifier_sha256(&self.verifier())
    }

    fn derive(&self, what: &str) -> String {
        let digest = Sha256::digest(format!("{what} of {}", self.secret).as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_reads_back_and_others_are_none() {
        let errand = Errand::new("0af".repeat(21) + "0", "/runs?state=failed");
        assert!(Errand::of_cookie(&errand.to_cookie()) == Some(errand.clone()));
        let huge = "a".repeat(10_000);
        for bad in ["", ".", "abc.L3J1bnM", &"g".repeat(64), &format!("{}.%%%", "a".repeat(64)), &huge] {
            assert!(Errand::of_cookie(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn what_the_provider_sees_tells_nothing_of_the_rest() {
        let errand = Errand::new("a".repeat(64), "/");
        let (state, nonce, verifier) = (errand.state(), errand.nonce(), errand.verifier());
        assert!(errand.is_state(state.secret()) && !errand.is_state("") && !errand.is_state(nonce.secret()));
        assert!(state.secret() != nonce.secret() && nonce.secret() != verifier.secret());
        assert!(!Errand::new("b".repeat(64), "/").is_state(state.secret()), "of another browser");
        assert_eq!(verifier.secret().len(), 64, "RFC 7636 takes 43 to 128");
    }
}
