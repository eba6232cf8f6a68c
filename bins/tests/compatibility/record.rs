//! Recording a release, before it is made:
//!
//! ```text
//!   CRONBUS_RECORD=0.2.0 cargo test --workspace --test compatibility record::
//! ```
//!
//! What people write (the configuration files and the document of jobs) is taken over from the release before; where
//! there are keys, fields or messages that it does not use, this says which, and is run again once they were added to
//! the files of the new release. All else is what the code of the release makes of it.

use crate::release::Release;
use crate::{configuration, documents, life, messages, rest};

#[test]
fn the_release_that_was_asked_for() {
    let Some(release) = Release::to_record() else { return };
    configuration::record(&release);
    documents::record(&release);
    messages::record(&release);
    rest::record(&release);
    life::record(&release);
}
