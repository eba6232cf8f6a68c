# The two commands of README.md, and what they share.
#
#   make run       build, start one node with everything in ./data, load conf/sample-jobs.toml if there are no jobs
#   make test      install what the tests need and run all of them
#   make build     the release executable, target/release/cronbus
#   make cluster   a cluster on this machine: NATS, etcd, Redis, a database and eight nodes, until Ctrl-C
#   make package   the Debian package, target/debian/*.deb
#   make package-test   what is packaged, tried in a bare Debian and in an emulated machine (needs root; nothing is installed on this one)
#   make scale     JOBS=100000 RUNS=5000000: how long each page takes with so many, beside a node with few
#   make chaos     ROUNDS=50: that many calamities, one after the other, in a cluster with jobs
#   make noon      ten upgrades in place under a thousand jobs a second, fifty long runs and people who ask all the time

.PHONY: run test build cluster chaos noon scale package package-test tools servers

DATABASE ?= mariadb
ROUNDS ?= 20
JOBS ?= 100000
RUNS ?= 5000000

# Where cargo puts what it builds.
RELEASE := $(or $(CARGO_TARGET_DIR),target)/release
DEBUG := $(or $(CARGO_TARGET_DIR),target)/debug

run: build
	$(RELEASE)/cronbus node --data-dir ./data --load conf/sample-jobs.toml

build: tools
	cargo build --release --locked -p cronbus

test: servers
	cargo test --workspace --locked

# `cargo install cargo-deb --version 3.8.0 --locked` once: it takes some minutes.
package: build
	packaging/debian/generate $(RELEASE)/cronbus
	cargo deb --no-build --locked -p cronbus

# Of the debug build, which `make test` has made.
package-test: tools
	@sh .ci/install-tools package
	cargo build --locked -p cronbus
	packaging/tests/deb $(DEBUG)
	packaging/tests/docker $(DEBUG)
	packaging/tests/machine $(DEBUG)
	packaging/tests/kubernetes $(DEBUG)

cluster: servers build
	cargo run --release --locked -q -p cronbus-servers --bin cluster -- $(RELEASE)/cronbus $(DATABASE)

chaos: servers
	CRONBUS_CHAOS_ROUNDS=$(ROUNDS) cargo test --release --locked -p cronbus --test chaos -- --nocapture

noon: tools
	CRONBUS_NOON_JOBS=1000 CRONBUS_NOON_RUNS=50 CRONBUS_NOON_SECONDS=30 CRONBUS_NOON_UPGRADES=10 \
	    cargo test --release --locked -p cronbus --test upgrade noon -- --nocapture

scale: tools
	CRONBUS_SCALE_JOBS=$(JOBS) CRONBUS_SCALE_RUNS=$(RUNS) CRONBUS_SCALE_RATIO=3 \
	    cargo test --release --locked -p cronbus --test scale -- --nocapture

# What a build needs besides Rust: a C compiler (SQLite is built from source), protoc (etcd's messages) and make itself.
tools:
	@sh .ci/install-tools

# The same and the servers that tests start on free ports: NATS, etcd, Redis, MariaDB, PostgreSQL.
servers:
	@sh .ci/install-tools servers
