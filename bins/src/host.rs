//! What this host is called: its name and the addresses of its interfaces.

use std::collections::BTreeSet;

use nix::ifaddrs::{InterfaceAddress, getifaddrs};

/// Its name, as the kernel has it; empty where it has none.
pub(crate) fn name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned()
}

/// Its name and its addresses, those of loopback among them.
pub(crate) fn names_and_addresses() -> Vec<String> {
    let addresses: BTreeSet<String> = match getifaddrs() {
        Ok(interfaces) => interfaces.filter_map(|interface| address(&interface)).collect(),
        // It is known by its name alone, then.
        Err(_) => BTreeSet::new(),
    };
    std::iter::once(name()).filter(|name| !name.is_empty()).chain(addresses).collect()
}

fn address(interface: &InterfaceAddress) -> Option<String> {
    let address = interface.address.as_ref()?;
    let four = address.as_sockaddr_in().map(|four| four.ip().to_string());
    four.or_else(|| address.as_sockaddr_in6().map(|six| six.ip().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_among_them() {
        assert!(names_and_addresses().iter().any(|own| own == "127.0.0.1"));
    }
}
