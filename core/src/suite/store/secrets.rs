//! Secrets change version by version, with entries in the audit trail.

use super::audit::entry;
use super::samples::at;
use crate::port::Store;
use crate::port::store::{AuditFilter, Page};
use crate::secret::{Secret, SecretName};

fn secret(name: &str, version: i64) -> Secret {
    Secret {
        name: SecretName::new(name).unwrap(),
        version,
        groups: ["php".to_owned()].into(),
        updated_at: at(version),
        updated_by: "ann".to_owned(),
        sealed: format!("sealed é {version}"),
    }
}

async fn entries(store: &impl Store) -> usize {
    store.entries(&AuditFilter::default(), &Page { after: None, limit: 100 }).await.unwrap().0.len()
}

/// A secret is new at version 1, and goes on from the version that it has; what does not fit leaves no entry.
pub async fn a_secret_changes_version_by_version(store: &impl Store) {
    let [first, second] = [secret("a", 1), secret("a", 2)];
    assert!(!store.put_secret(&second, &entry("ann", 2)).await.unwrap(), "there is no version before it");
    assert!(store.put_secret(&first, &entry("ann", 1)).await.unwrap());
    assert!(!store.put_secret(&first, &entry("ann", 3)).await.unwrap(), "it is there");
    assert!(store.put_secret(&second, &entry("ann", 2)).await.unwrap());
    assert_eq!(store.secret(&first.name).await.unwrap(), Some(second));
    assert_eq!(store.secret(&SecretName::new("A").unwrap()).await.unwrap(), None, "names differ by case");
    assert_eq!(entries(store).await, 2);
}

/// Secrets are listed by name, and go with an entry.
pub async fn secrets_are_listed_by_name_and_deleted_once(store: &impl Store) {
    let [b, a] = [secret("b", 1), secret("a.x-1", 1)];
    for (number, one) in [(1, &b), (2, &a)] {
        assert!(store.put_secret(one, &entry("ann", number)).await.unwrap());
    }
    assert_eq!(store.secrets().await.unwrap(), vec![a, b.clone()]);
    assert!(store.delete_secret(&b.name, &entry("ann", 3)).await.unwrap());
    assert!(!store.delete_secret(&b.name, &entry("ann", 4)).await.unwrap());
    assert_eq!(store.secrets().await.unwrap().len(), 1);
    assert_eq!(entries(store).await, 3);
    assert!(store.put_secret(&b, &entry("ann", 5)).await.unwrap(), "its name is free");
}
