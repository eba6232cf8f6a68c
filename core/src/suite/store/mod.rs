//! What [`crate::port::Store`] promises, for every implementation.
//!
//! ```text
//!   creation ───── rows, watermarks and epochs in one transaction
//!   recording ──── compare and set, next attempts
//!   submission ─── idempotency keys
//!   jobs ───────── changes, names, revisions, the feed
//!   history ────── filters and pages
//!   rare ───────── runs and jobs that few are like
//!   housekeeping ─ what is not over, what is forgotten
//!   alerts ─────── events with their rows, one alerter at a time, what is on its way
//!   accounts ───── users by revision, tokens and sessions by hash
//!   audit ──────── entries with what they tell of, lists of them
//!   secrets ────── versions, and entries of them
//!   samples ────── the jobs and runs the promises are tried on
//! ```
//!
//! A test module holds an implementation to all of it with one line, [`store_suite!`](crate::store_suite).

pub mod accounts;
pub mod alerts;
pub mod audit;
pub mod creation;
pub mod history;
pub mod housekeeping;
pub mod jobs;
pub mod rare;
pub mod recording;
pub mod samples;
pub mod secrets;
pub mod submission;

/// One test for each promise. `$open` is called for each and gives a fresh, empty store and something to keep while it
/// is used (its folder, or nothing). The calling package needs tokio's `macros` and `rt`.
#[macro_export]
macro_rules! store_suite {
    ($open:expr) => {
        $crate::store_suite! { $open =>
            creation: rows_and_watermarks_come_together existing_rows_stay_and_are_reported
                a_stale_epoch_writes_nothing nobody_creates_for_a_partition_never_claimed
                a_watermark_never_moves_back every_claim_has_a_larger_epoch every_field_reads_back;
            recording: an_update_needs_the_state_it_names updates_apply_in_their_order
                what_says_which_run_it_is_stays next_attempts_come_with_what_they_follow_from
                a_former_owner_records_nothing an_update_of_no_row_is_passed_over
                what_is_over_is_noted_once;
            submission: a_key_has_one_run a_key_stands_for_one_thing
                a_key_outlives_its_job_when_that_is_made_again a_run_is_submitted_once_without_a_key_too
                a_key_is_forgotten_with_its_run;
            jobs: jobs_read_back a_batch_is_made_whole_or_not_at_all a_name_belongs_to_one_job
                a_name_is_free_after_its_job_is_deleted a_change_may_name_its_revision revisions_are_kept
                the_feed_shows_each_job_once_at_its_newest a_deleted_job_takes_no_change
                the_job_that_had_a_name_last_is_remembered
                what_a_job_was_is_kept_while_slots_of_it_have_no_answer;
            history: runs_are_listed_newest_first_page_by_page every_filter_of_runs_restricts
                jobs_are_listed_by_name_page_by_page every_filter_of_jobs_restricts runs_are_counted_by_state
                runs_of_a_span_are_tallied;
            rare: rare_runs_are_found_however_they_were_written marked_jobs_are_found_as_they_are_now;
            housekeeping: what_is_not_over_is_listed_page_by_page what_executes_is_counted_by_node runs_are_found_by_their_ids
                old_runs_are_forgotten_oldest_first
                each_job_keeps_its_newest_runs what_is_not_over_is_never_forgotten
                each_job_keeps_its_newest_revisions_and_those_of_its_runs
                jobs_made_of_submissions_go_with_their_last_run a_job_that_goes_takes_no_run;
            alerts: events_come_with_new_rows events_come_with_updates_that_apply one_alerter_at_a_time
                an_acknowledgement_stays_while_the_incident_goes_on desks_and_deliveries_read_back
                events_are_listed_newest_first silences_are_listed_until_they_end
                only_what_is_dealt_with_is_forgotten;
            accounts: a_user_reads_back_and_a_name_is_ones_own an_identity_is_ones_own
                of_the_first_users_one_is_made a_user_changes_from_the_revision_that_was_seen
                a_user_goes_with_his_sessions users_and_tokens_are_listed_by_name a_token_is_found_by_its_hash_until_revoked
                a_session_ends_once a_sign_in_that_was_begun_is_finished_once old_sessions_are_forgotten;
            audit: changes_of_jobs_come_with_their_entries a_change_that_is_refused_leaves_no_entry
                a_run_that_is_asked_for_has_one_entry silences_and_acknowledgements_come_with_their_entries
                entries_are_listed_newest_first_page_by_page old_entries_are_forgotten;
            secrets: a_secret_changes_version_by_version secrets_are_listed_by_name_and_deleted_once;
        }
    };
    ($open:expr => $($module:ident: $($promise:ident)+;)+) => {
        $($(
            #[tokio::test]
            async fn $promise() {
                let open = $open;
                let (store, _kept) = open();
                $crate::suite::store::$module::$promise(&store).await;
            }
        )+)+
    };
}
