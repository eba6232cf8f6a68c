//! Users by revision, API tokens and sessions by hash.

use super::samples::at;
use crate::account::{
    AccountName, ApiToken, ApiTokenFacts, Grant, Grants, Holder, Identity, PasswordHash, Role, SecretHash, Session,
    User,
};
use crate::port::Store;
use crate::port::store::Page;

fn name(text: &str) -> AccountName {
    AccountName::new(text).unwrap()
}

fn user(text: &str) -> User {
    let scoped = Grant::over(Role::Operator, ["php", "web"]).unwrap();
    let grants = Grants::new(vec![Grant::everywhere(Role::Viewer), scoped]).unwrap();
    User { password: Some(PasswordHash::new("$argon2id$…")), ..User::new(name(text), grants, "admin", at(1)) }
}

fn known_elsewhere(text: &str, subject: &str) -> User {
    let identity = Identity { issuer: "https://id.example.com".to_owned(), subject: subject.to_owned() };
    User { password: None, identity: Some(identity), ..user(text) }
}

fn token(text: &str) -> ApiToken {
    let facts = ApiTokenFacts {
        name: name(text),
        grants: Grants::everywhere(Role::Editor),
        created_at: at(1),
        created_by: "anna".to_owned(),
        expires_at: Some(at(100)),
    };
    ApiToken { hash: SecretHash::of(text), facts, used_at: None }
}

fn session(secret: &str, holder: Holder, second: i64) -> Session {
    Session { hash: SecretHash::of(secret), holder, generation: 7, opened_at: at(second), used_at: at(second) }
}

fn first(limit: usize) -> Page<AccountName> {
    Page { after: None, limit }
}

/// And nobody else gets it.
pub async fn a_user_reads_back_and_a_name_is_ones_own(store: &impl Store) {
    assert_eq!(store.user(&name("anna")).await.unwrap(), None);
    assert!(store.add_user(&user("anna")).await.unwrap());
    assert!(!store.add_user(&User { disabled: true, ..user("Anna") }).await.unwrap());
    assert_eq!(store.user(&name("anna")).await.unwrap(), Some(user("anna")));
    store.note_sign_in(&name("anna"), at(9)).await.unwrap();
    store.note_sign_in(&name("nobody"), at(9)).await.unwrap();
    let signed_in = User { signed_in_at: Some(at(9)), ..user("anna") };
    assert_eq!(store.user(&name("anna")).await.unwrap(), Some(signed_in));
}

/// Whatever the name.
pub async fn an_identity_is_ones_own(store: &impl Store) {
    let anna = known_elsewhere("anna", "1");
    let key = anna.identity.clone().unwrap().key();
    assert_eq!(store.user_of_identity(&key).await.unwrap(), None);
    assert!(store.add_user(&anna).await.unwrap());
    assert!(!store.add_user(&known_elsewhere("ben", "1")).await.unwrap());
    assert!(store.add_user(&known_elsewhere("ben", "2")).await.unwrap());
    assert!(store.add_user(&user("carl")).await.unwrap(), "several have none");
    assert!(store.add_user(&user("dora")).await.unwrap());
    assert_eq!(store.user_of_identity(&key).await.unwrap(), Some(anna));
}

/// And with it the links by which one is made are over.
pub async fn of_the_first_users_one_is_made(store: &impl Store) {
    store.open_session(&session("link", Holder::SetUp, 1)).await.unwrap();
    assert!(store.add_first_user(&user("anna")).await.unwrap());
    assert!(!store.add_first_user(&user("ben")).await.unwrap());
    assert_eq!(store.users(&first(10)).await.unwrap().0.len(), 1);
    assert_eq!(store.session(&SecretHash::of("link")).await.unwrap(), None);
}

/// Of two who changed the same, one is told so.
pub async fn a_user_changes_from_the_revision_that_was_seen(store: &impl Store) {
    assert!(!store.replace_user(&user("anna").changed("ben", at(2))).await.unwrap(), "there is none");
    store.add_user(&user("anna")).await.unwrap();
    store.note_sign_in(&name("anna"), at(5)).await.unwrap();
    let here = user("anna").with_disabled(true).changed("ben", at(2));
    let there = user("anna").with_password(PasswordHash::new("other")).changed("carl", at(3));
    assert!(store.replace_user(&here).await.unwrap());
    assert!(!store.replace_user(&there).await.unwrap());
    assert_eq!(store.user(&name("anna")).await.unwrap(), Some(User { signed_in_at: Some(at(5)), ..here }));
}

/// Who is gone is signed out.
pub async fn a_user_goes_with_his_sessions(store: &impl Store) {
    store.add_user(&user("anna")).await.unwrap();
    let hers = session("hers", Holder::User(name("anna")), 1);
    let his = session("his", Holder::User(name("ben")), 1);
    let tokens = session("token", Holder::AdminToken, 1);
    for session in [&hers, &his, &tokens] {
        store.open_session(session).await.unwrap();
        assert_eq!(store.session(&session.hash).await.unwrap().as_ref(), Some(session));
    }
    assert!(store.delete_user(&name("anna")).await.unwrap());
    assert!(!store.delete_user(&name("anna")).await.unwrap());
    assert_eq!(store.user(&name("anna")).await.unwrap(), None);
    assert_eq!(store.session(&hers.hash).await.unwrap(), None);
    assert_eq!(store.session(&his.hash).await.unwrap(), Some(his));
    assert_eq!(store.session(&tokens.hash).await.unwrap(), Some(tokens));
}

/// Page by page.
pub async fn users_and_tokens_are_listed_by_name(store: &impl Store) {
    for text in ["c", "a", "b"] {
        store.add_user(&user(text)).await.unwrap();
        store.add_api_token(&token(text)).await.unwrap();
    }
    let (users, next) = store.users(&first(2)).await.unwrap();
    assert_eq!(users, [user("a"), user("b")]);
    assert_eq!(next, Some(name("b")));
    assert_eq!(store.users(&Page { after: next, limit: 2 }).await.unwrap(), (vec![user("c")], None));
    let (tokens, next) = store.api_tokens(&first(2)).await.unwrap();
    assert_eq!(tokens, [token("a"), token("b")]);
    assert_eq!(store.api_tokens(&Page { after: next, limit: 1 }).await.unwrap(), (vec![token("c")], None));
}

/// And its name is free then.
pub async fn a_token_is_found_by_its_hash_until_revoked(store: &impl Store) {
    let hash = SecretHash::of("deploy");
    assert!(store.add_api_token(&token("deploy")).await.unwrap());
    assert!(!store.add_api_token(&ApiToken { hash: SecretHash::of("other"), ..token("deploy") }).await.unwrap());
    store.note_use_of_api_token(&hash, at(60)).await.unwrap();
    let used = ApiToken { used_at: Some(at(60)), ..token("deploy") };
    assert_eq!(store.api_token(&hash).await.unwrap(), Some(used));
    assert_eq!(store.api_token(&SecretHash::of("other")).await.unwrap(), None);
    assert!(store.revoke_api_token(&name("deploy")).await.unwrap());
    assert!(!store.revoke_api_token(&name("deploy")).await.unwrap());
    assert_eq!(store.api_token(&hash).await.unwrap(), None);
    assert!(store.add_api_token(&token("deploy")).await.unwrap());
}

/// Of several who end it, one did.
pub async fn a_session_ends_once(store: &impl Store) {
    let open = session("one", Holder::User(name("anna")), 1);
    store.open_session(&open).await.unwrap();
    store.note_use_of_session(&open.hash, at(61)).await.unwrap();
    assert_eq!(store.session(&open.hash).await.unwrap(), Some(Session { used_at: at(61), ..open.clone() }));
    assert!(store.end_session(&open.hash).await.unwrap());
    assert!(!store.end_session(&open.hash).await.unwrap());
    store.note_use_of_session(&open.hash, at(99)).await.unwrap();
    assert_eq!(store.session(&open.hash).await.unwrap(), None);
}

/// And comes back once, to whichever node.
pub async fn a_sign_in_that_was_begun_is_finished_once(store: &impl Store) {
    let begun = session("begun", Holder::SigningIn, 1);
    store.open_session(&begun).await.unwrap();
    assert_eq!(store.session(&begun.hash).await.unwrap().as_ref(), Some(&begun));
    store.add_first_user(&user("anna")).await.unwrap();
    assert_eq!(store.session(&begun.hash).await.unwrap().as_ref(), Some(&begun), "it is no set-up link");
    assert!(store.end_session(&begun.hash).await.unwrap());
    assert!(!store.end_session(&begun.hash).await.unwrap());
}

/// By age and by idling.
pub async fn old_sessions_are_forgotten(store: &impl Store) {
    for (secret, opened, used) in [("old", 1, 50), ("idle", 30, 30), ("open", 30, 50)] {
        store.open_session(&session(secret, Holder::AdminToken, opened)).await.unwrap();
        store.note_use_of_session(&SecretHash::of(secret), at(used)).await.unwrap();
    }
    assert_eq!(store.prune_sessions(at(10), at(40)).await.unwrap(), 2);
    assert!(store.session(&SecretHash::of("open")).await.unwrap().is_some());
    assert!(store.session(&SecretHash::of("old")).await.unwrap().is_none());
}
