//! Rendezvous hashing (Thaler and Ravishankar, 1998): each name gets a score for each key, and the highest wins.
//!
//! The scores are part of the protocol: nodes of different versions must agree on them.

/// The score of `name` for `key`. Equal on every machine and in every version.
pub(super) fn score(name: &str, key: u64) -> u64 {
    mixed(fnv1a(name) ^ mixed(key))
}

/// FNV-1a of 64 bits.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014): every bit of
/// the input moves every bit of the output.
pub(super) const fn mixed(input: u64) -> u64 {
    let a = input.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let b = (a ^ (a >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let c = (b ^ (b >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    c ^ (c >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_never_change() {
        // Written down once: a change here would make nodes of two versions disagree about who owns what.
        assert_eq!(fnv1a("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(mixed(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(score("node-1", 7), 7_404_863_357_683_712_368);
    }
}
