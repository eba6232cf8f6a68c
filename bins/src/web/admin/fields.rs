//! The fields of a form that was sent, after the gate has found the session's CSRF token among them.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::web::problem::Problem;

/// The field that holds the CSRF token.
pub(crate) const CSRF: &str = "csrf";

/// How many fields a form may have.
const MOST: usize = 2000;

/// The fields of a form, in order; a name may stand several times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// 400 when it cannot be read, or has too many fields.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Problem> {
        let text = std::str::from_utf8(body).map_err(|_| Problem::unreadable("the form is not UTF-8"))?;
        let pairs = Query::<Vec<(String, String)>>::from_query(text)
            .map_err(|error| Problem::unreadable(format!("the form cannot be read: {error}")))?;
        let pairs = pairs.into_inner();
        if pairs.len() > MOST {
            return Err(Problem::unreadable(format!("the form has {} fields, at most {MOST} are read", pairs.len())));
        }
        Ok(Self(pairs))
    }

    /// These fields.
    pub(crate) fn of(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(fields.into_iter().collect())
    }

    /// The first field of this name, without blanks around it; absent when it is empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.raw(name).map(str::trim).filter(|text| !text.is_empty())
    }

    /// The first field of this name as it was sent.
    pub(crate) fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every field of this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl FromRequest for Fields {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Self>().cloned();
        ready(found.ok_or_else(|| Problem::plain(StatusCode::FORBIDDEN, "no form was sent")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_may_stand_several_times() {
        let fields = Fields::read(b"job=a&job=b%2Fc&note=+x+&empty=").unwrap();
        assert_eq!((fields.get("note"), fields.raw("note"), fields.get("empty")), (Some("x"), Some(" x "), None));
        assert!(Fields::read(&b"a=1&".repeat(MOST + 1)).is_err());
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..60)) {
            drop(Fields::read(&body));
        }
    }
}
