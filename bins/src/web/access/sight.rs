//! Lists of what somebody may see.

use std::collections::HashMap;

use cronbus_core::account::{Action, Place};
use cronbus_core::alert::{Matcher, Subject};
use cronbus_core::id::JobId;
use cronbus_core::job::Job;
use cronbus_core::port::store::Page;
use cronbus_core::run::Run;

use super::permit::may_see_all;
use crate::web::problem::Problem;
use crate::web::session::Principal;
use crate::web::site::Site;

/// How many items are read at a time, and how many times, to find those that may be seen. Then the page is as long as it
/// is, and says where to go on.
const READ: usize = 500;
const READS: usize = 20;

/// What one principal sees. The group of each job is looked up once.
pub(crate) struct Sight<'a> {
    site: &'a Site,
    by: &'a Principal,
    sees_all: bool,
    known: HashMap<JobId, bool>,
}

impl<'a> Sight<'a> {
    /// His.
    pub(crate) fn of(site: &'a Site, by: &'a Principal) -> Self {
        Self { site, by, sees_all: may_see_all(by), known: HashMap::new() }
    }

    /// Where he looks.
    pub(crate) const fn site(&self) -> &'a Site {
        self.site
    }

    /// Whether nothing is hidden.
    pub(crate) const fn sees_all(&self) -> bool {
        self.sees_all
    }

    /// Whether he sees a job that was read.
    pub(crate) fn sees(&self, job: &Job) -> bool {
        self.sees_all || self.by.may(Action::View, Place::from(&*job.definition))
    }

    /// Whether he sees a job and its runs. One that even its row is gone of belongs to no group.
    ///
    /// # Errors
    /// 503 when the store does not answer.
    pub(crate) async fn sees_job(&mut self, id: JobId) -> Result<bool, Problem> {
        if self.sees_all {
            return Ok(true);
        }
        if let Some(known) = self.known.get(&id) {
            return Ok(*known);
        }
        let seen = self.site.store.job(id).await?.is_some_and(|job| self.sees(&job));
        self.known.insert(id, seen);
        Ok(seen)
    }

    /// Those of these runs that he sees.
    ///
    /// # Errors
    /// 503 when the store does not answer.
    pub(crate) async fn of_runs(&mut self, runs: Vec<Run>) -> Result<Vec<Run>, Problem> {
        let mut seen = Vec::with_capacity(runs.len());
        for run in runs {
            if self.sees_job(run.job).await? {
                seen.push(run);
            }
        }
        Ok(seen)
    }

    /// Whether he sees what is told of this.
    pub(crate) fn sees_subject(&self, subject: &Subject) -> bool {
        self.sees_all || self.by.may(Action::View, place_of(subject))
    }

    /// Whether he sees a silence: one of a group of his.
    pub(crate) fn sees_matcher(&self, matcher: &Matcher) -> bool {
        self.sees_all || self.by.may(Action::View, Place::of(matcher.group.as_deref()))
    }
}

/// Where something is that people are told of: jobs in the group they had then, nodes and services in none.
pub(crate) fn place_of(subject: &Subject) -> Place<'_> {
    Place::of(subject.job().and_then(|job| job.group.as_deref()))
}

/// A page of those items that are to be seen, in the order in which `read` gives them, and where to go on.
///
/// # Errors
/// Those of `read` and `sees`.
pub(crate) async fn sift<T, K: Clone>(
    page: Page<K>,
    key: impl Fn(&T) -> K,
    read: impl AsyncFn(Page<K>) -> Result<(Vec<T>, Option<K>), Problem>,
    mut sees: impl AsyncFnMut(&T) -> Result<bool, Problem>,
) -> Result<(Vec<T>, Option<K>), Problem> {
    let (mut found, mut after) = (Vec::new(), page.after);
    for _ in 0..READS {
        let (items, next) = read(Page { after, limit: READ }).await?;
        for item in items {
            if !sees(&item).await? {
                continue;
            }
            if found.len() == page.limit {
                let last = found.last().map(&key);
                return Ok((found, last));
            }
            found.push(item);
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    Ok((found, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn pages_have_all_that_is_seen_once_and_in_order() {
        let read = async |page: Page<usize>| {
            let first = page.after.map_or(0, |after| after + 1);
            let items: Vec<usize> = (first..3000).take(page.limit).collect();
            let next = items.last().copied().filter(|last| *last < 2999);
            Ok((items, next))
        };
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = Page { after, limit: 7 };
            let (items, next) = sift(page, |item| *item, read, async |item| Ok(item % 13 == 0)).await.unwrap();
            assert!(items.len() <= 7);
            seen.extend(items);
            after = next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, (0..3000).step_by(13).collect::<Vec<_>>());
    }

    #[actix_web::test]
    async fn looking_for_what_is_not_there_has_an_end() {
        let read = async |page: Page<usize>| Ok((vec![0; page.limit], Some(page.after.unwrap_or(0) + page.limit)));
        let page = Page { after: None, limit: 7 };
        let (items, next) = sift(page, |item| *item, read, async |_| Ok(false)).await.unwrap();
        assert_eq!((items.len(), next), (0, Some(READ * READS)));
    }
}
