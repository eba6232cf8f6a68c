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

/// The same calls, the same answers, and the same rows afterwards.
macro_rules! parity {
    ($($name:ident: $open:path;)+) => {$(
        #[test]
        fn $name() {
            let (server, ()) = $open();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let config = ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() };
            proptest!(config, |(calls in prop::collection::vec(call(), 1..30))| {
                server.execute(&servers::WIPE).unwrap();
                let memory = MemoryStore::new();
                runtime.block_on(async {
                    for call in &calls {
                        prop_assert_eq!(make(&server, call).await, make(&memory, call).await, "{:?}", call);
                    }
                    prop_assert_eq!(everything(&server).await.unwrap(), everything(&memory).await.unwrap());
                    Ok(())
                })?;
            });
        }
    )+};
}

parity! {
    mysql_answers_as_the_store_in_memory_does: servers::mysql;
    postgresql_answers_as_the_store_in_memory_does: servers::postgresql;
}
