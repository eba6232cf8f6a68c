//! What to do next, in the words of the command line. A problem document gives its hint as a request; here its kind is
//! answered with a command. What is wrong is the problem's own to say.

use crate::web::problem::{Problem, kind};

/// What somebody at the command line can do about a problem; absent where the problem says it all.
pub(crate) fn about(problem: &Problem) -> Option<&'static str> {
    match &*problem.kind {
        kind::NO_SUCH_JOB => Some("`cronbus job list` shows those there are"),
        kind::NO_SUCH_RUN => Some("`cronbus run list` shows those that are kept"),
        kind::NO_SUCH_NODE => Some("`cronbus nodes list` shows those that live"),
        kind::NO_SUCH_ALERT => Some("`cronbus alert list` shows what is wrong now"),
        kind::NO_SUCH_SILENCE => Some("`cronbus alert silence list` shows those in force"),
        kind::KEY_TAKEN => Some("`cronbus run show RUN` shows that run"),
        _ => None,
    }
}

/// A problem, and what to do about it.
pub(crate) fn told(problem: &Problem) -> String {
    match about(problem) {
        Some(advice) => format!("{problem}; {advice}"),
        None => problem.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_speaks_of_commands() {
        for problem in [
            Problem::no_such_job("a"),
            Problem::no_such_node("a"),
            Problem::no_such_alert("a"),
            Problem::no_such_silence("a"),
        ] {
            let said = told(&problem);
            assert!(said.contains("`cronbus ") && !said.contains("/api/"), "{said}");
            assert!(problem.hint.is_some_and(|hint| hint.starts_with("GET /api/v1/")), "the web speaks of requests");
        }
        assert_eq!(told(&Problem::unreadable("no")), "no");
    }
}
