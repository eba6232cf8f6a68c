//! What a run prints, without the secrets it was given: masked before it lies on disk. Writes nothing itself.

use cronbus_mask::Mask;

/// Masks the two streams of a run.
#[derive(Debug, Default)]
pub(super) struct Masking {
    mask: Mask,
    /// What may be the beginning of a secret: of standard output, and of standard error.
    held: [Vec<u8>; 2],
}

impl Masking {
    /// Takes these out.
    pub(super) fn new(mask: Mask) -> Self {
        Self { mask, held: Default::default() }
    }

    /// Gives what can be kept of a stream to `keep`; the rest waits for more.
    pub(super) fn pass(&mut self, is_error: bool, bytes: &[u8], mut keep: impl FnMut(&[u8])) {
        if self.mask.is_empty() {
            return keep(bytes);
        }
        let [output, error] = &mut self.held;
        let clean = self.mask.pass(if is_error { error } else { output }, bytes);
        if !clean.is_empty() {
            keep(&clean);
        }
    }

    /// Nothing more comes: gives what waited to `keep`.
    pub(super) fn end(&mut self, mut keep: impl FnMut(bool, &[u8])) {
        for (is_error, held) in [false, true].into_iter().zip(&mut self.held) {
            let clean = self.mask.rest(held);
            if !clean.is_empty() {
                keep(is_error, &clean);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_masked_apart_and_to_the_end() {
        let mut masking = Masking::new(Mask::new(vec![b"secret".to_vec()]));
        let (mut output, mut error) = (Vec::new(), Vec::new());
        masking.pass(false, b"a sec", |bytes| output.extend_from_slice(bytes));
        masking.pass(true, b"ret se", |bytes| error.extend_from_slice(bytes));
        assert_eq!((&*output, &*error), (&b"a "[..], &b"ret "[..]));
        masking.pass(false, b"ret b", |bytes| output.extend_from_slice(bytes));
        masking.end(|is_error, bytes| if is_error { &mut error } else { &mut output }.extend_from_slice(bytes));
        assert_eq!((&*output, &*error), ("a •••• b".as_bytes(), &b"ret se"[..]));
    }
}
