//! Passwords: argon2id, a few at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::http::StatusCode;
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use cronbus_core::account::PasswordHash;
use tokio::sync::Semaphore;

use crate::web::problem::Problem;

/// The shortest password, in characters, and the longest, in bytes (NIST SP 800-63B asks for no other rules).
const SHORTEST: usize = 12;
const LONGEST: usize = 256;

/// What one hash costs: 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// How many are made at a time, and how many may wait: a flood of sign-ins takes no more memory than this.
const AT_ONCE: usize = 2;
const WAITING: usize = 32;

/// How many random bytes a salt has.
const SALT_BYTES: usize = 16;

/// What is compared with where there is no user: nobody knows a password for it, and it costs as much.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBvdGhlciBzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes passwords on threads that may block.
#[derive(Clone, Debug)]
pub(crate) struct Hasher {
    turns: Arc<Semaphore>,
    asked: Arc<AtomicUsize>,
    compared: Arc<AtomicUsize>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), asked: Arc::default(), compared: Arc::default() }
    }
}

impl Hasher {
    /// What is kept of a new password.
    ///
    /// # Errors
    /// 422 for one that is too short or too long, 503 when too many ask at once or there are no random bytes.
    pub(crate) async fn hash(&self, password: &str) -> Result<PasswordHash, Problem> {
        if password.chars().count() < SHORTEST || password.len() > LONGEST {
            let detail = "password: it has at least 12 characters and at most 256 bytes; a few words will do";
            return Err(Problem::plain(StatusCode::UNPROCESSABLE_ENTITY, detail).of_field("password"));
        }
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|error| unavailable(&format!("there are no random bytes: {error}")))?;
        let password = password.to_owned();
        self.take_turn(move || {
            let hash = argon2()?.hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash| PasswordHash::new(hash.to_string())).map_err(|error| error.to_string())
        })
        .await
    }

    /// Whether the password is the one that was hashed; where there is no hash, it takes as long and is not.
    ///
    /// # Errors
    /// 503 when too many ask at once.
    pub(crate) async fn is_right(&self, password: &str, hash: Option<&PasswordHash>) -> Result<bool, Problem> {
        // A password that is too long is no one's; what is compared instead costs the same.
        let password = if password.len() > LONGEST { String::new() } else { password.to_owned() };
        let hash = hash.map_or(NOBODY, PasswordHash::reveal).to_owned();
        self.compared.fetch_add(1, Ordering::Relaxed);
        self.take_turn(move || {
            let hash = Phc::new(&hash).map_err(|error| error.to_string())?;
            Ok(argon2()?.verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await
    }

    /// How often a password was compared.
    #[cfg(test)]
    pub(crate) fn compared(&self) -> usize {
        self.compared.load(Ordering::Relaxed)
    }

    async fn take_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, String> + Send + 'static,
    ) -> Result<T, Problem> {
        let _asked = Asked::count(&self.asked).ok_or_else(|| unavailable("too many sign in at once"))?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|error| unavailable(&error.to_string()))?;
        // The turn ends with the work, also when nobody waits for it any longer.
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.map_err(|error| unavailable(&error.to_string()))?.map_err(|reason| unavailable(&reason))
    }
}

/// One who waits or has his turn.
struct Asked<'a>(&'a AtomicUsize);

impl<'a> Asked<'a> {
    fn count(asked: &'a AtomicUsize) -> Option<Self> {
        let one = Self(asked);
        (asked.fetch_add(1, Ordering::Relaxed) < AT_ONCE + WAITING).then_some(one)
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn argon2() -> Result<Argon2<'static>, String> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|error| error.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn unavailable(reason: &str) -> Problem {
    Problem::plain(StatusCode::SERVICE_UNAVAILABLE, format!("the password could not be looked at now: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_password_is_right_and_another_is_not() {
        let hasher = Hasher::default();
        let hash = hasher.hash("correct horse battery").await.unwrap();
        assert!(hash.reveal().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.reveal());
        assert!(hasher.is_right("correct horse battery", Some(&hash)).await.unwrap());
        for wrong in ["correct horse batterY", "", &"x".repeat(10_000)] {
            assert!(!hasher.is_right(wrong, Some(&hash)).await.unwrap());
            assert!(!hasher.is_right(wrong, None).await.unwrap(), "nobody has no password");
        }
        assert_ne!(hasher.hash("correct horse battery").await.unwrap(), hash, "each has a salt of its own");
    }

    #[actix_web::test]
    async fn only_length_is_asked_for() {
        let hasher = Hasher::default();
        for bad in ["", "short", "elevenchars", &"x".repeat(257)] {
            let problem = hasher.hash(bad).await.unwrap_err();
            assert_eq!((problem.status, problem.field.as_deref()), (422, Some("password")), "{bad}");
            assert!(!problem.detail.contains("short"), "a password is not said back");
        }
        assert!(hasher.hash("twelve chars").await.is_ok());
    }

    #[actix_web::test]
    async fn a_flood_is_turned_away_rather_than_remembered() {
        let hasher = Hasher::default();
        let _held = Arc::clone(&hasher.turns).acquire_many_owned(2).await.unwrap();
        let mut asking: Vec<_> = (0..AT_ONCE + WAITING).map(|_| Box::pin(hasher.is_right("x", None))).collect();
        for one in &mut asking {
            assert!(futures::poll!(one.as_mut()).is_pending());
        }
        assert_eq!(hasher.is_right("x", None).await.unwrap_err().status, 503);
        drop(asking);
        assert_eq!(hasher.asked.load(Ordering::Relaxed), 0);
    }
}
