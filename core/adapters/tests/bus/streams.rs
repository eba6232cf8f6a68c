//! Streams that are there already.

use cronbus_adapters::bus::{ConnectError, Limits, NatsBus, Options};
use cronbus_servers::{Kind, Server};

use crate::harness::{bus, options};

#[tokio::test]
async fn a_stream_that_is_not_as_it_should_be_is_explained_and_left_alone() {
    let server = Server::start(Kind::Nats).unwrap();
    drop(bus(&server.url(), "first").await);
    drop(bus(&server.url(), "second").await);
    let other = options(&server.url(), "third");
    let other = Options { limits: Limits { max_waiting: 77, max_bytes: 64 << 20, ..other.limits }, ..other };
    for _ in 0..2 {
        let Err(ConnectError::Mismatch(mismatch)) = NatsBus::connect(other.clone()).await else {
            panic!("it was taken")
        };
        assert_eq!(mismatch.stream, "CRONBUS_NODE");
        let text = mismatch.to_string();
        for part in [
            "max_msgs_per_subject is 10000, expected is 77 (by bus.max_waiting)",
            "max_bytes is 268435456, expected is 67108864 (by bus.max_bytes)",
            "nats stream edit CRONBUS_NODE",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
    let other = options(&server.url(), "fourth");
    let other = Options { limits: Limits { log_max_bytes: 32 << 20, ..other.limits }, ..other };
    let Err(error) = NatsBus::connect(other).await else { panic!("it was taken") };
    assert!(
        error.to_string().contains("max_bytes is 536870912, expected is 33554432 (by bus.log_max_bytes)"),
        "{error}"
    );
}
