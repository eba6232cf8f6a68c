# The two commands of README.md, and what they share.
#
#   make run     build, start one node with everything in ./data, load conf/sample-jobs.toml if there are no jobs
#   make test    install what the tests need and run all of them
#   make build   the release executable, target/release/cronbus

.PHONY: run test build tools servers

run: build
	./target/release/cronbus node --data-dir ./data --load conf/sample-jobs.toml

build: tools
	cargo build --release --locked -p cronbus

test: servers
	cargo test --workspace --locked

# What a build needs besides Rust: a C compiler (SQLite is built from source), protoc (etcd's messages) and make itself.
tools:
	@sh .ci/install-tools

# The same and the servers that tests start on free ports: NATS, etcd, Redis, MariaDB, PostgreSQL.
servers:
	@sh .ci/install-tools servers
