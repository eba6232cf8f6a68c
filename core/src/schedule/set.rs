//! A set of small numbers without a heap: what a field of a rule stands for.

/// Numbers from 0 to 255, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Set([u64; 4]);

impl Set {
    /// Adds a number; one that is too great is left out.
    pub(super) fn insert(&mut self, number: u16) {
        if let Some(word) = self.0.get_mut(usize::from(number / 64)) {
            *word |= 1 << (number % 64);
        }
    }

    /// The numbers below 64, bit n standing for n.
    pub(super) const fn mask(&self) -> u64 {
        let [mask, ..] = self.0;
        mask
    }

    /// In rising order.
    pub(super) fn numbers(self) -> impl Iterator<Item = u16> {
        (0..).zip(self.0).flat_map(|(word, mask)| values(mask).map(move |bit| word * 64 + bit))
    }
}

/// The values of a mask, in rising order.
pub(super) fn values(mask: u64) -> impl Iterator<Item = u16> + Clone {
    (0..64_u16).filter(move |value| mask >> value & 1 == 1)
}

/// The values of a mask as stretches without a hole: first and last of each.
pub(super) fn stretches(mask: u64) -> Vec<(u16, u16)> {
    let mut stretches: Vec<(u16, u16)> = Vec::new();
    for value in values(mask) {
        match stretches.last_mut() {
            Some((_, last)) if *last + 1 == value => *last = value,
            _ => stretches.push((value, value)),
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_each_number_once_in_rising_order() {
        let mut set = Set::default();
        for number in [229, 0, 63, 64, 0, 256, 5] {
            set.insert(number);
        }
        assert_eq!(set.numbers().collect::<Vec<_>>(), [0, 5, 63, 64, 229]);
        assert_eq!(stretches(set.mask() | 0b110), [(0, 2), (5, 5), (63, 63)]);
    }
}
