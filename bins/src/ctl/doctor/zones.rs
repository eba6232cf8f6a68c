//! Time zones: they are built in, so that all nodes of a version agree; what is on the machine is only compared.

use jiff::tz::TimeZone;

use super::finding::Finding;

/// Zones that there are as long as there is any data at all.
const EXPECTED: [&str; 3] = ["UTC", "America/New_York", "Asia/Shanghai"];

/// What is found about them.
pub(super) fn look() -> Vec<Finding> {
    let lacking: Vec<&str> = EXPECTED.into_iter().filter(|name| TimeZone::get(name).is_err()).collect();
    if !lacking.is_empty() {
        let detail = format!("there is nothing about {}", lacking.join(", "));
        return vec![Finding::fail("time zones", detail, "this executable is damaged: install it again")];
    }
    let zones = jiff::tz::db().available().count();
    vec![Finding::ok("time zones", format!("{zones} are built in; what the system has is not used"))]
}
