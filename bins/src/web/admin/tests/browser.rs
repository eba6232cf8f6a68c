//! Somebody with a browser, as far as cookies and forms go.

use actix_web::http::{Method, StatusCode, header};
use actix_web::test::TestRequest;

use crate::web::session::csrf_of;
use crate::web::site::Site;
use crate::web::tests::stage::{Answer, TOKEN, ask};

/// A browser at a site.
pub(super) struct Browser {
    pub(super) site: Site,
    /// The secret of the session; empty before signing in.
    pub(super) secret: String,
}

impl Browser {
    /// One that has not signed in.
    pub(super) fn new(site: Site) -> Self {
        Self { site, secret: String::new() }
    }

    /// One that has.
    pub(super) async fn signed_in(site: Site) -> Self {
        let mut browser = Self::new(site);
        let answer = browser.sign_in(TOKEN).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        browser
    }

    /// Sends the form of the page `/login`, and keeps the cookie.
    pub(super) async fn sign_in(&mut self, token: &str) -> Answer {
        self.send_login(&[("token", token), ("next", "/runs")]).await
    }

    /// The same with name and password.
    pub(super) async fn sign_in_as(&mut self, name: &str, password: &str) -> Answer {
        self.send_login(&[("name", name), ("password", password), ("next", "/account")]).await
    }

    async fn send_login(&mut self, fields: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, "/login").set_form(fields);
        let answer = ask(&self.site, request.peer_addr("127.0.0.1:1".parse().unwrap())).await;
        self.keep_cookie(&answer);
        answer
    }

    /// Keeps the cookie that came with an answer.
    pub(super) fn keep_cookie(&mut self, answer: &Answer) {
        if let Some(cookie) = answer.headers.get(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            assert_eq!(name, "cronbus_session");
            self.secret = rest.split(';').next().unwrap().to_owned();
        }
    }

    /// A request with the cookie.
    pub(super) fn request(&self, method: Method, path: &str) -> TestRequest {
        let cookie = format!("other=1; cronbus_session={}", self.secret);
        TestRequest::default().method(method).uri(path).insert_header((header::COOKIE, cookie))
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        ask(&self.site, self.request(Method::GET, path)).await
    }

    /// The page, which must be there.
    pub(super) async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        answer.text()
    }

    /// Sends a form with the CSRF token of the session.
    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut fields = fields.to_vec();
        let csrf = csrf_of(&self.secret);
        fields.push(("csrf", &csrf));
        ask(&self.site, self.request(Method::POST, path).set_form(fields)).await
    }
}

impl Answer {
    /// Where it leads to.
    pub(super) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text());
        self.headers.get(header::LOCATION).unwrap().to_str().unwrap()
    }
}
