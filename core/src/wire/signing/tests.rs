//! Whatever is done to a message, it is refused; what was not touched is taken once.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::id::NodeName;
use crate::time::Timestamp;

const SUBJECT: &str = "cronbus.v1.node.a";
const SKEW: Duration = Duration::from_secs(30);
const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

fn keyring(bytes: u8) -> Keyring {
    Keyring::of(Key::new(&[bytes; 32]))
}

fn stamp(sequence: u64) -> Stamp {
    let sender = NodeName::new("dispatcher-1.lan").unwrap();
    let (life, expires_at) = (Timestamp::from_seconds(1_780_000_000), NOW + Duration::from_secs(600));
    Stamp { sender, life, sequence, expires_at, part: 0, parts: 1 }
}

fn open<'a>(keys: &Keyring, message: &'a [u8]) -> Result<Opened<'a>, Refusal> {
    keys.open(SUBJECT, message, NOW, SKEW)
}

proptest! {
    #[test]
    fn what_was_not_touched_is_what_was_sealed(content in prop::collection::vec(any::<u8>(), 0..300), sequence in 1..u64::MAX) {
        let sealed = keyring(1).seal(SUBJECT, &stamp(sequence), &content);
        prop_assert!(sealed.len() <= content.len() + OVERHEAD);
        prop_assert_eq!(open(&keyring(1), &sealed), Ok(Opened { stamp: stamp(sequence), content: &content }));
    }

    #[test]
    fn any_bit_flipped_is_refused(content in prop::collection::vec(any::<u8>(), 0..100), at in any::<prop::sample::Index>(), bit in 0..8) {
        let mut sealed = keyring(1).seal(SUBJECT, &stamp(7), &content);
        let at = at.index(sealed.len());
        sealed[at] ^= 1_u8 << bit;
        prop_assert!(open(&keyring(1), &sealed).is_err());
    }

    #[test]
    fn cut_off_or_lengthened_is_refused(content in prop::collection::vec(any::<u8>(), 0..100), keep in any::<prop::sample::Index>(), more in 0_u8..9) {
        let mut sealed = keyring(1).seal(SUBJECT, &stamp(7), &content);
        prop_assert!(open(&keyring(1), &sealed[..keep.index(sealed.len())]).is_err());
        sealed.extend(0..=more);
        prop_assert!(open(&keyring(1), &sealed).is_err());
    }

    #[test]
    fn another_subject_or_key_is_refused(subject in "[a-z.0-9]{0,30}", key in 2_u8..) {
        prop_assume!(subject != SUBJECT);
        let sealed = keyring(1).seal(&subject, &stamp(7), b"content");
        prop_assert_eq!(open(&keyring(1), &sealed), Err(Refusal::Signature));
        let sealed = keyring(key).seal(SUBJECT, &stamp(7), b"content");
        prop_assert_eq!(open(&keyring(1), &sealed), Err(Refusal::UnknownKey));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), is_alike in any::<bool>()) {
        let mut message = if is_alike { b"CBW\x01".to_vec() } else { Vec::new() };
        message.extend(bytes);
        prop_assert!(open(&keyring(1), &message).is_err());
    }

    #[test]
    fn each_is_taken_once_in_any_order(sequences in prop::collection::vec(1_u64..40, 0..100)) {
        let mut seen = Seen::default();
        let mut taken = std::collections::BTreeSet::new();
        for sequence in sequences {
            let is_new = taken.insert(sequence);
            prop_assert_eq!(seen.check(&stamp(sequence)).is_ok(), is_new);
            seen.note(&stamp(sequence), NOW, SKEW);
        }
    }

    #[test]
    fn parts_make_the_whole_in_any_order(content in prop::collection::vec(any::<u8>(), 0..500), size in 4_usize..200, seed in any::<u64>()) {
        let parts = cut(&content, size).unwrap();
        let count = u16::try_from(parts.len()).unwrap();
        let mut order: Vec<u16> = (0..count).collect();
        order.sort_by_key(|part| (u64::from(*part) + 1).wrapping_mul(seed | 1));
        let mut joiner = Joiner::default();
        for (index, part) in order.iter().enumerate() {
            let stamp = Stamp { part: *part, parts: count, ..stamp(3) };
            let joined = joiner.add(&stamp, parts[usize::from(*part)], *part);
            if index + 1 < order.len() {
                prop_assert_eq!(joined, Joined::Waiting(vec![]));
            } else {
                prop_assert_eq!(joined, Joined::Whole(content.clone(), (0..count).collect()));
            }
        }
    }
}

#[test]
fn time_ends_what_it_counts_and_clocks_may_differ() {
    let sealed = keyring(1).seal(SUBJECT, &stamp(1), b"x");
    let at = |now| keyring(1).open(SUBJECT, &sealed, now, SKEW).map(|_| ());
    let expires_at = stamp(1).expires_at;
    assert_eq!(at(expires_at + SKEW), Ok(()));
    assert_eq!(at(expires_at + SKEW + Duration::from_millis(1)), Err(Refusal::Expired { expires_at }));
    let far = Stamp { expires_at: NOW + Duration::from_secs(90_000), ..stamp(1) };
    let sealed = keyring(1).seal(SUBJECT, &far, b"x");
    assert!(matches!(open(&keyring(1), &sealed), Err(Refusal::TooFarAhead { .. })));
}

#[test]
fn keys_are_changed_while_messages_are_under_way() {
    let (old, new) = ("01".repeat(32), "02".repeat(32));
    let ring = |text: &str| Keyring::parse(text).unwrap();
    let stages = [ring(&old), ring(&format!("{old}\n{new} # the next one")), ring(&format!("{new},{old}")), ring(&new)];
    for neighbours in stages.windows(2) {
        for (from, to) in [(0, 1), (1, 0)] {
            let sealed = neighbours[from].seal(SUBJECT, &stamp(1), b"x");
            assert!(open(&neighbours[to], &sealed).is_ok());
        }
    }
    let sealed = stages[3].seal(SUBJECT, &stamp(1), b"x");
    assert_eq!(open(&stages[0], &sealed), Err(Refusal::UnknownKey));
}

#[test]
fn what_is_no_key_is_refused_without_showing_it() {
    let key = "ab".repeat(32);
    for (text, expected) in [
        (String::new(), KeyError::Empty),
        ("# only a comment".to_owned(), KeyError::Empty),
        (format!("{key} {key} {key}"), KeyError::TooMany { count: 3 }),
        ("ab".repeat(31), KeyError::Unreadable { number: 1 }),
        (format!("{key}\n{}é", "a".repeat(62)), KeyError::Unreadable { number: 2 }),
    ] {
        let error = Keyring::parse(&text).unwrap_err();
        assert_eq!(error, expected);
        assert!(!error.to_string().contains("abab"));
    }
    assert_eq!(format!("{:?} {:?}", keyring(1), Key::new(&[3; 32])), "Keyring(one key) Key(…)");
}

#[test]
fn a_later_version_is_told_from_garbage() {
    let mut sealed = keyring(1).seal(SUBJECT, &stamp(1), b"x");
    sealed[3] = 9;
    assert_eq!(open(&keyring(1), &sealed), Err(Refusal::Version { version: 9 }));
}

#[test]
fn lives_are_forgotten_only_when_nothing_of_them_can_come_again() {
    let mut seen = Seen::default();
    let of = |life: i64, lifetime: u64| Stamp {
        life: Timestamp::from_seconds(life),
        expires_at: NOW + Duration::from_secs(lifetime),
        ..stamp(1)
    };
    for life in 0..6000 {
        let stamp = of(life, 600 + u64::try_from(life).unwrap());
        assert_eq!(seen.check(&stamp), Ok(()));
        seen.note(&stamp, NOW, SKEW);
    }
    for life in 0..6000 {
        assert_eq!(seen.check(&of(life, 600 + u64::try_from(life).unwrap())), Err(Refusal::Replayed), "{life}");
    }
    assert_eq!(seen.check(&of(7000, 7000)), Ok(()));
}

#[test]
fn a_message_that_was_not_sent_to_the_end_is_given_up_for_the_next() {
    let mut joiner = Joiner::default();
    let part = |sequence, part| Stamp { part, parts: 2, ..stamp(sequence) };
    assert_eq!(joiner.add(&part(1, 0), b"a", 10), Joined::Waiting(vec![]));
    assert_eq!(joiner.add(&part(2, 1), b"d", 21), Joined::Waiting(vec![10]));
    assert_eq!(joiner.add(&part(1, 1), b"b", 11), Joined::Waiting(vec![11]));
    assert_eq!(joiner.add(&part(2, 0), b"c", 20), Joined::Whole(b"cd".to_vec(), vec![20, 21]));
    assert_eq!(cut(&[0; 1000], 1), None);
}
