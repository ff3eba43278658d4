//! Stretching passwords (Argon2id, RFC 9106) away from the threads that answer requests.
//!
//! Invariant: comparing takes the same work whether there is a password or not.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::Semaphore;

use super::secret::Typed;

/// What stretching costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// 19 MiB, two passes, one lane (the least that OWASP recommends).
    pub const STANDARD: Self = Self { memory: 19 * 1024, passes: 2, lanes: 1 };
}

/// A password could not be stretched or compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StretchError {
    /// The cost makes no sense.
    #[error("the cost of stretching passwords is out of range")]
    Cost,
    /// What is stored is no stretched password.
    #[error("a stored password cannot be read; restore a backup")]
    Stored,
    /// The thread ended early.
    #[error("stretching a password stopped before its time")]
    Stopped,
}

/// Stretches passwords and compares them, a few at the same time.
pub struct Stretcher {
    params: Params,
    // Compared with where there is no password.
    nobodys: String,
    turns: Arc<Semaphore>,
}

impl Stretcher {
    /// A stretcher that works on `at_once` passwords at the same time, each of which takes `cost.memory`.
    ///
    /// # Errors
    /// The cost is out of range.
    pub fn new(cost: Cost, at_once: usize) -> Result<Self, StretchError> {
        let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(32)).map_err(|_| StretchError::Cost)?;
        let nobodys = stretched(params.clone(), b"nobody has this password", &[0x4B; 16])?;
        Ok(Self { params, nobodys, turns: Arc::new(Semaphore::new(at_once.max(1))) })
    }

    /// The stretched form to keep, with its cost and salt inside (PHC string).
    pub(super) async fn stretch(&self, password: &Typed, salt: [u8; 16]) -> Result<String, StretchError> {
        let (params, password) = (self.params.clone(), password.clone());
        self.aside(move || stretched(params, password.reveal().as_bytes(), &salt)).await
    }

    /// Whether the password is the one whose stretched form is given. Without one the answer is no, after the same work.
    pub(super) async fn matches(&self, password: &Typed, kept: Option<&str>) -> Result<bool, StretchError> {
        let (password, kept, exists) = (password.clone(), kept.unwrap_or(&self.nobodys).to_owned(), kept.is_some());
        self.aside(move || {
            let kept = PasswordHash::new(&kept).map_err(|_| StretchError::Stored)?;
            let same = Argon2::default().verify_password(password.reveal().as_bytes(), &kept).is_ok();
            Ok(same && exists)
        })
        .await
    }

    /// Whether a stretched form was made at another cost than today's.
    pub(super) fn is_outdated(&self, kept: &str) -> bool {
        let (memory, passes, lanes) = (self.params.m_cost(), self.params.t_cost(), self.params.p_cost());
        !kept.starts_with(&format!("$argon2id$v=19$m={memory},t={passes},p={lanes}$"))
    }

    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StretchError> + Send + 'static,
    ) -> Result<T, StretchError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| StretchError::Stopped)?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            // The turn ends with the work, also when the one who waited for it has gone away.
            drop(turn);
            result
        });
        done.await.map_err(|_| StretchError::Stopped)?
    }
}

fn stretched(params: Params, password: &[u8], salt: &[u8; 16]) -> Result<String, StretchError> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_with_salt(password, salt).map(|kept| kept.to_string()).map_err(|_| StretchError::Cost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn rfc_9106_where_there_is_no_password_none_is_right() {
        let stretcher = Stretcher::new(Cost { memory: 64, passes: 1, lanes: 1 }, 1).unwrap();
        let nobodys = Typed::new("nobody has this password".to_owned());
        assert_eq!(stretcher.matches(&nobodys, None).await, Ok(false));
        let kept = stretcher.stretch(&nobodys, [1; 16]).await.unwrap();
        assert_eq!(stretcher.matches(&nobodys, Some(&kept)).await, Ok(true));
        assert_eq!(stretcher.matches(&Typed::new("another".to_owned()), Some(&kept)).await, Ok(false));
        assert_eq!(stretcher.matches(&nobodys, Some("no stretched password")).await, Err(StretchError::Stored));
        assert!(!stretcher.is_outdated(&kept) && stretcher.is_outdated("$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA"));
        assert!(Stretcher::new(Cost { memory: 1, passes: 0, lanes: 1 }, 1).is_err());
    }
}
