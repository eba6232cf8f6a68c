//! Reading what a request says: parameters, cursors, bodies. Every refusal names the field, its value and what is
//! allowed.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::{StatusCode, header};
use actix_web::web::Query;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// How many items a page has unless the request says otherwise.
const PAGE: usize = 100;

/// How many items a page may have.
pub(crate) const LONGEST_PAGE: usize = 1000;

/// The parameters of a request, taken out one by one; what is left at the end is unknown and refused.
#[derive(Debug)]
pub(crate) struct Parameters {
    values: BTreeMap<String, String>,
    known: Vec<&'static str>,
}

impl Parameters {
    /// The parameters after the `?`.
    ///
    /// # Errors
    /// When they cannot be decoded or one stands twice.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let pairs = Query::<Vec<(String, String)>>::from_query(request.query_string())
            .map_err(|error| Problem::unreadable(format!("the query cannot be read: {error}")))?;
        let mut values = BTreeMap::new();
        for (name, value) in pairs.into_inner() {
            if let Some(first) = values.insert(name.clone(), value) {
                return Err(Problem::invalid(&name, &first, &format!("{name}: it stands twice; write it once")));
            }
        }
        Ok(Self { values, known: Vec::new() })
    }

    /// A text.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        self.values.remove(name)
    }

    /// Anything that can be read from text.
    ///
    /// # Errors
    /// When it cannot.
    pub(crate) fn read<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|error: T::Err| Problem::invalid(name, &text, &format!("{name}: {error}")))
    }

    /// `true` or `false`; absent means the latter.
    ///
    /// # Errors
    /// When it is something else.
    pub(crate) fn flag(&mut self, name: &'static str) -> Result<bool, Problem> {
        match self.text(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true" | "") => Ok(true),
            Some(other) => Err(Problem::not_one_of(name, other, "true or false")),
        }
    }

    /// How many items are asked for.
    ///
    /// # Errors
    /// When it is no number from 1 to 1000.
    pub(crate) fn limit(&mut self) -> Result<usize, Problem> {
        let Some(text) = self.text("limit") else { return Ok(PAGE) };
        let limit = text.parse().ok().filter(|limit| (1..=LONGEST_PAGE).contains(limit));
        limit.ok_or_else(|| Problem::not_one_of("limit", &text, "a number from 1 to 1000"))
    }

    /// One of several words.
    ///
    /// # Errors
    /// When it is none of them.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        found.map(Some).ok_or_else(|| Problem::not_one_of(name, &text, &one_of(choices.iter().map(|(word, _)| *word))))
    }

    /// Ends the reading: whatever was not taken is a mistake.
    ///
    /// # Errors
    /// When something is left.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        let Some((name, value)) = self.values.into_iter().next() else { return Ok(()) };
        if self.known.is_empty() {
            return Err(Problem::invalid(&name, &value, &format!("{name}: this path takes no parameters")));
        }
        let allowed = one_of(self.known.iter().copied());
        let mut problem =
            Problem::invalid(&name, &value, &format!("{name}: there is no such parameter here; there are {allowed}"));
        problem.allowed = Some(allowed);
        Err(problem)
    }
}

/// `a, b or c`.
pub(crate) fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.collect();
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

/// A JSON body.
///
/// # Errors
/// 415 when the request says that its body is something else, 400 when it cannot be read.
pub(crate) fn json<T: DeserializeOwned>(request: &HttpRequest, body: &[u8]) -> Result<T, Problem> {
    let said = media_type(request);
    if !matches!(said.as_deref(), None | Some("application/json")) {
        return Err(unsupported(said.as_deref().unwrap_or_default(), "application/json"));
    }
    serde_json::from_slice(body).map_err(|error| Problem::unreadable(format!("the body cannot be read: {error}")))
}

/// A JSON body that may be left out.
///
/// # Errors
/// As [`json`].
pub(crate) fn json_or_default<T: DeserializeOwned + Default>(request: &HttpRequest, body: &[u8]) -> Result<T, Problem> {
    if body.is_empty() { Ok(T::default()) } else { json(request, body) }
}

/// The media type of a request's body without its parameters, in lower case; absent where the request does not say.
pub(crate) fn media_type(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(header::CONTENT_TYPE)?;
    let text = value.to_str().unwrap_or("unreadable");
    text.split(';').next().map(|kind| kind.trim().to_ascii_lowercase())
}

/// The body is of a type that is not understood here.
pub(crate) fn unsupported(said: &str, allowed: &str) -> Problem {
    let mut problem = Problem::plain(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        format!("Content-Type: `{said}` is not understood here; send {allowed}"),
    );
    problem.field = Some("Content-Type".to_owned());
    problem.value = Some(said.to_owned());
    problem.allowed = Some(allowed.to_owned());
    problem
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    fn parameters(query: &str) -> Result<Parameters, Problem> {
        Parameters::of(&TestRequest::with_uri(&format!("/x?{query}")).to_http_request())
    }

    #[test]
    fn what_is_wrong_is_named_with_what_is_allowed() {
        let mut read = parameters("limit=0&follow=yes&other=1").unwrap();
        let problem = read.limit().unwrap_err();
        assert_eq!((problem.field.as_deref(), problem.value.as_deref()), (Some("limit"), Some("0")));
        assert_eq!(read.flag("follow").unwrap_err().allowed.as_deref(), Some("true or false"));
        let problem = read.finish().unwrap_err();
        assert_eq!((problem.field.as_deref(), problem.allowed.as_deref()), (Some("other"), Some("limit or follow")));
        assert!(parameters("a=1&a=2").is_err());
    }

    #[test]
    fn a_body_of_another_type_is_refused() {
        let request = TestRequest::default().insert_header(("Content-Type", "text/plain; a=b")).to_http_request();
        assert_eq!(json::<u8>(&request, b"1").unwrap_err().status, 415);
        let request = TestRequest::default().insert_header(("Content-Type", "Application/JSON")).to_http_request();
        assert_eq!(json::<u8>(&request, b"1").unwrap(), 1);
        assert_eq!(json_or_default::<u8>(&request, b"").unwrap(), 0);
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(query in "[ -~&&[^#]]{0,40}") {
            let request = TestRequest::default().uri("/x").to_http_request();
            drop(Query::<Vec<(String, String)>>::from_query(&query));
            drop(Parameters::of(&request));
        }
    }
}
