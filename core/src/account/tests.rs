//! The rules of access as a table, and what holds for all grants.

use proptest::prelude::*;

use super::*;
use crate::time::Timestamp;

fn grants(text: &str) -> Grants {
    Grants::new(text.split_whitespace().map(|grant| grant.parse().unwrap()).collect()).unwrap()
}

#[test]
fn who_may_do_what_where() {
    use Action::{Administer, Edit, Operate, View};
    const PHP: Place<'_> = Place::Group("php");
    const WEB: Place<'_> = Place::Group("web");
    for (granted, action, place, expected) in [
        ("", View, PHP, false),
        ("viewer", View, Place::Whole, true),
        ("viewer", View, PHP, true),
        ("viewer", Operate, PHP, false),
        ("operator", Operate, Place::Whole, true),
        ("operator", Edit, PHP, false),
        ("editor", Edit, WEB, true),
        ("editor", Administer, Place::Whole, false),
        ("admin", Administer, Place::Whole, true),
        ("viewer:php", View, PHP, true),
        ("viewer:php", View, WEB, false),
        ("viewer:php", View, Place::Whole, false),
        ("admin:php", Administer, PHP, true),
        ("admin:php", Administer, Place::Whole, false),
        ("admin:php", View, WEB, false),
        ("viewer editor:php", Edit, PHP, true),
        ("viewer editor:php", Edit, WEB, false),
        ("viewer editor:php", View, WEB, true),
        ("operator:php,web", Operate, WEB, true),
        ("viewer:PHP", View, PHP, false),
    ] {
        assert_eq!(grants(granted).may(action, place), expected, "`{granted}`: {action:?} on {place}");
    }
}

#[test]
fn a_grant_reads_and_writes_back_and_garbage_is_refused() {
    for text in ["viewer", "operator:php", "admin:a,b"] {
        let grant: Grant = text.parse().unwrap();
        assert_eq!(grant.to_string(), text);
        let json = serde_json::to_string(&grant).unwrap();
        assert_eq!(serde_json::from_str::<Grant>(&json).unwrap(), grant);
    }
    for text in ["", "root", "viewer:", "viewer:a,,b", "viewer:a b", "Viewer", "viewer:*"] {
        assert!(text.parse::<Grant>().is_err(), "{text}");
    }
    for json in [r#"{"role":"admin","groups":[]}"#, r#"{"role":"admin","group":"a"}"#, r#"{"groups":["a"]}"#] {
        assert!(serde_json::from_str::<Grant>(json).is_err(), "{json}");
    }
}

#[test]
fn names_that_look_alike_are_alike() {
    assert_eq!(AccountName::new("Anna@Example.com").unwrap().as_str(), "anna@example.com");
    for text in ["", "-a", "a b", "a/b", "а", "a\u{200b}", "a:b", &"a".repeat(65)] {
        assert!(AccountName::new(text).is_err(), "{text}");
    }
}

#[test]
fn a_job_belongs_to_the_group_of_its_target() {
    for (target, expected) in [
        (r#"{"group":"php"}"#, Place::Group("php")),
        (r#"{"group":"php","broadcast":true}"#, Place::Group("php")),
        (r#""any""#, Place::Whole),
        (r#"{"node":"php"}"#, Place::Whole),
        (r#"{"labels":{"group":"php"}}"#, Place::Whole),
    ] {
        let target: crate::job::Target = serde_json::from_str(target).unwrap();
        assert_eq!(Place::from(&target), expected);
    }
}

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(Role::ALL.to_vec())
}

fn action() -> impl Strategy<Value = Action> {
    prop::sample::select(Action::ALL.to_vec())
}

fn group() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a".to_owned(), "b".to_owned(), "c".to_owned(), "d".to_owned()])
}

fn place() -> impl Strategy<Value = Option<String>> {
    prop::option::of(group())
}

fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![Just(Scope::All), prop::collection::btree_set(group(), 0..4).prop_map(Scope::Groups)]
}

fn some_grants() -> impl Strategy<Value = Grants> {
    let grant = (role(), scope()).prop_map(|(role, scope)| Grant { role, scope });
    prop::collection::vec(grant, 0..4).prop_map(|grants| Grants::new(grants).unwrap())
}

proptest! {
    #[test]
    fn a_higher_role_never_lets_do_less(
        low in role(), high in role(), scope in scope(), action in action(), place in place(),
    ) {
        prop_assume!(low <= high);
        let with = |role| Grants::new(vec![Grant { role, scope: scope.clone() }]).unwrap();
        let place = Place::of(place.as_deref());
        prop_assert!(!with(low).may(action, place) || with(high).may(action, place));
    }

    #[test]
    fn a_lesser_action_never_needs_more(grants in some_grants(), less in action(), more in action(), place in place()) {
        prop_assume!(less <= more);
        let place = Place::of(place.as_deref());
        prop_assert!(!grants.may(more, place) || grants.may(less, place));
    }

    #[test]
    fn a_scope_never_widens(role in role(), groups in prop::collection::btree_set(group(), 0..4), action in action(), place in place()) {
        let grants = Grants::new(vec![Grant { role, scope: Scope::Groups(groups.clone()) }]).unwrap();
        let is_within = place.as_ref().is_some_and(|group| groups.contains(group));
        prop_assert!(!grants.may(action, Place::of(place.as_deref())) || is_within);
    }

    #[test]
    fn one_grant_more_takes_nothing_away(
        grants in some_grants(), role in role(), scope in scope(), action in action(), place in place(),
    ) {
        let mut more = grants.as_slice().to_vec();
        more.push(Grant { role, scope });
        let place = Place::of(place.as_deref());
        prop_assert!(!grants.may(action, place) || Grants::new(more).unwrap().may(action, place));
    }

    #[test]
    fn what_may_be_done_there_may_be_done_somewhere(grants in some_grants(), action in action(), place in place()) {
        let place = Place::of(place.as_deref());
        prop_assert!(!grants.may(action, place) || grants.may_somewhere(action));
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,80}") {
        drop(text.parse::<Grant>());
        drop(AccountName::new(&text));
    }
}

#[test]
fn users_of_one_name_one_after_the_other_share_no_session() {
    let made = |second| {
        let user = User::new("anna".parse().unwrap(), Grants::default(), "ben", Timestamp::from_seconds(second));
        user.with_password(PasswordHash::new("$".to_owned()))
    };
    let former = made(100);
    let changed = former.clone().with_password(PasswordHash::new("$$".to_owned())).with_disabled(true);
    assert!(former.generation < changed.generation && changed.generation < made(101).generation);
}
