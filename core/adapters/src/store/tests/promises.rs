//! What the port promises, on real servers.

use cronbus_core::local::store::MemoryStore;
use proptest::prelude::*;

use super::calls::{call, everything, make};
use super::servers;

mod mysql {
    use cronbus_core::store_suite;
    store_suite!(super::servers::mysql);
}

mod postgres {
    use cronbus_core::store_suite;
    store_suite!(super::servers::postgresql);
}

/// Fails where the table of what is not over says otherwise than the runs themselves.
const UNFINISHED_ARE_UNFINISHED: &str = "DO $$ BEGIN
    IF EXISTS (
        SELECT FROM (SELECT id, partition_number FROM runs WHERE state < 10) AS truth
        FULL JOIN unfinished_runs AS said USING (id, partition_number)
        WHERE truth.id IS NULL OR said.id IS NULL
    ) THEN RAISE EXCEPTION 'unfinished_runs and runs differ'; END IF;
END $$";

/// The same calls, the same answers, and the same rows afterwards.
macro_rules! parity {
    ($($name:ident: $open:path, before: $wipe:expr, after: $check:expr;)+) => {$(
        #[test]
        fn $name() {
            let (server, ()) = $open();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let config = ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() };
            proptest!(config, |(calls in prop::collection::vec(call(), 1..30))| {
                server.execute(&servers::WIPE).unwrap();
                server.execute($wipe).unwrap();
                let memory = MemoryStore::new();
                runtime.block_on(async {
                    for call in &calls {
                        prop_assert_eq!(make(&server, call).await, make(&memory, call).await, "{:?}", call);
                    }
                    prop_assert_eq!(everything(&server).await.unwrap(), everything(&memory).await.unwrap());
                    Ok(())
                })?;
                server.execute($check).unwrap();
            });
        }
    )+};
}

parity! {
    mysql_answers_as_the_store_in_memory_does: servers::mysql, before: &[], after: &[];
    postgresql_answers_as_the_store_in_memory_does: servers::postgresql,
        before: &["DELETE FROM unfinished_runs"], after: &[UNFINISHED_ARE_UNFINISHED];
}
