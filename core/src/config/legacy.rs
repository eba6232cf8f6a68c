//! What gocron's `conf.ini` says that is no key of this configuration.

use std::collections::BTreeMap;
use std::net::IpAddr;

/// The channel that `[alarm_mail_list]` becomes.
pub(super) const ALARM: &str = "alarm_mail_list";

/// What a `conf.ini` says that is no key of this configuration: for the importer of gocron's jobs, and for remarks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Legacy {
    /// `[machine]`: the addresses of each group.
    pub machine_groups: BTreeMap<String, Vec<String>>,
    /// `[alarm_mail_list]`: who is told.
    pub alarm_mail: AlarmMail,
}

/// Who is told when a job fails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlarmMail {
    /// Recipients (`cron_mail`).
    pub to: Vec<String>,
    /// Sender (`from_mail`).
    pub from: String,
    /// The page that mails link to (`cron_url`).
    pub link: String,
}

impl Legacy {
    /// The groups of a host of these names and addresses, in their order.
    #[must_use]
    pub fn groups_of(&self, host: &[String]) -> Vec<&str> {
        let is_here = |address: &String| host.iter().any(|own| is_same(own, address));
        let groups = self.machine_groups.iter().filter(|(_, addresses)| addresses.iter().any(is_here));
        groups.map(|(group, _)| group.as_str()).collect()
    }

    /// What whoever wrote it should know of a node that is in `groups`.
    #[must_use]
    pub fn remarks<'group>(&self, groups: impl IntoIterator<Item = &'group String>) -> Vec<String> {
        let mut remarks = Vec::new();
        if !self.alarm_mail.to.is_empty() {
            let to = self.alarm_mail.to.join(", ");
            remarks.push(format!(
                "[alarm_mail_list] is the channel {ALARM}: mail to {to} goes to the mail server of this host; where another \
                 sends it, set CRONBUS_ALERTS__CHANNEL__ALARM_MAIL_LIST__HOST and what else it needs"
            ));
        }
        if !self.machine_groups.is_empty() && groups.into_iter().next().is_none() {
            let names = self.machine_groups.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            remarks.push(format!(
                "[machine]: none of the groups {names} has an address of this host, so this node is in none of them; \
                 give it one with --group"
            ));
        }
        remarks
    }
}

/// Addresses are the same however they are written, names whatever their case.
fn is_same(one: &str, other: &str) -> bool {
    match (one.parse::<IpAddr>(), other.parse::<IpAddr>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one.eq_ignore_ascii_case(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn legacy(groups: &[(&str, &[&str])], to: &[&str]) -> Legacy {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Legacy {
            machine_groups: groups.iter().map(|(name, addresses)| ((*name).to_owned(), owned(addresses))).collect(),
            alarm_mail: AlarmMail { to: owned(to), ..AlarmMail::default() },
        }
    }

    #[test]
    fn a_host_is_known_by_any_of_its_names_and_addresses() {
        let groups: [(&str, &[&str]); 4] =
            [("six", &["::0:1"]), ("name", &["x", "WEB-7"]), ("four", &["10.0.0.1"]), ("other", &["10.0.0.11", ""])];
        let host = ["web-7", "10.0.0.1", "::1"].map(str::to_owned);
        assert_eq!(legacy(&groups, &[]).groups_of(&host), ["four", "name", "six"]);
        assert!(legacy(&groups, &[]).groups_of(&[]).is_empty());
    }

    #[test]
    fn what_is_not_used_is_said() {
        assert!(legacy(&[], &[]).remarks(&[]).is_empty());
        let remarks = legacy(&[("a", &["10.0.0.1"])], &["ops@example.com"]).remarks(&[]);
        assert!(remarks[0].contains("mail to ops@example.com goes") && remarks[1].contains("--group"), "{remarks:?}");
        assert_eq!(legacy(&[("a", &["10.0.0.1"])], &[]).remarks(&["a".to_owned()]), Vec::<String>::new());
    }
}
