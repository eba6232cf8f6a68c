//! What a manager of services is told of a new process, and who goes on where there is one.

use std::os::unix::net::UnixDatagram;

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::office::{Office, lives, send};
use crate::support::wait_for;

/// A node that a manager has started, and where that listens.
fn managed() -> (Office, UnixDatagram, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_nonblocking(true).unwrap();
    let mut office = Office::prepare("");
    office.node.set("NOTIFY_SOCKET", path.to_str().unwrap());
    office.node.set("WATCHDOG_USEC", "800000");
    office.node.start_again();
    (office, socket, folder)
}

/// Waits until the manager is told a line.
fn until(socket: &UnixDatagram, line: &str) {
    wait_for(line, || {
        let mut buffer = [0; 4096];
        let length = socket.recv(&mut buffer).ok()?;
        String::from_utf8_lossy(&buffer[..length]).lines().any(|heard| heard == line).then_some(())
    });
}

#[test]
fn the_manager_is_told_who_the_service_is() {
    let (office, socket, _folder) = managed();
    until(&socket, "READY=1");
    let new = office.upgrade();
    until(&socket, &format!("MAINPID={new}"));
    until(&socket, "READY=1");
    Office::wait_for_end_of(office.node.pid());
    // It is watched in the place of the old one.
    (0..3).for_each(|_| until(&socket, "WATCHDOG=1"));
}

#[test]
fn a_new_process_makes_room_for_the_manager_when_the_old_one_is_killed() {
    let (mut office, socket, _folder) = managed();
    until(&socket, "READY=1");
    office.put_script("echo $$ >\"$0.started\"; sleep 0.5; exec $RELEASE \"$@\"");
    send(office.node.pid(), Signal::SIGUSR2);
    let new = wait_for("the new process", || office.started());
    send(office.node.pid(), Signal::SIGKILL);
    office.node.ended();
    Office::wait_for_end_of(new);
    assert!(office.node.log().contains("the service manager starts the node again"), "{}", office.node.log());
    office.put_release();
    office.node.start_again();
    assert!(lives(office.node.pid()));
}
