//! The time zone of this machine: what its crontabs are written in.

use std::path::Path;

/// Where the zones of the system are.
const DATABASE: &str = "zoneinfo/";

/// The IANA name of this machine's zone; `UTC` where it says none.
pub(crate) fn of_this_machine() -> String {
    let variable = std::env::var("TZ").ok();
    let file = std::fs::read_to_string("/etc/timezone").ok();
    let link = std::fs::read_link("/etc/localtime").ok();
    find(variable.as_deref(), link.as_deref(), file.as_deref()).unwrap_or_else(|| "UTC".to_owned())
}

/// By TZ, by what `/etc/localtime` points to, by what `/etc/timezone` says.
fn find(variable: Option<&str>, link: Option<&Path>, file: Option<&str>) -> Option<String> {
    let variable = variable.map(|text| text.trim_start_matches(':'));
    let link = link.and_then(Path::to_str).and_then(|path| Some(path.split_once(DATABASE)?.1));
    [variable, link, file].into_iter().flatten().map(str::trim).find(|name| is_zone(name)).map(str::to_owned)
}

fn is_zone(name: &str) -> bool {
    jiff::tz::TimeZone::get(name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_answer_that_is_a_zone_counts() {
        let link = Some(Path::new("/usr/share/zoneinfo/Europe/Berlin"));
        assert_eq!(find(Some(":Asia/Shanghai"), link, None).as_deref(), Some("Asia/Shanghai"));
        assert_eq!(find(Some("nonsense"), link, Some("America/New_York\n")).as_deref(), Some("Europe/Berlin"));
        assert_eq!(find(None, None, Some("America/New_York\n")).as_deref(), Some("America/New_York"));
        assert_eq!(find(None, None, None), None);
    }
}
