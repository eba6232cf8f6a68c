//! One row of gocron's table of jobs.

/// A row of `tb_cron_schedule`, as far as it says something about a job. Texts are as they are in the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// `jobid`, the number by which its locks and logs name the job.
    pub job: i64,
    /// `job_name`
    pub name: String,
    /// `cmd`: a command line, or a URL.
    pub command: String,
    /// `rule`
    pub rule: String,
    /// `runyear`
    pub year: String,
    /// `querytype`: `curl` and `wget` are calls, anything else is a command line.
    pub kind: String,
    /// `state`: 1 is active.
    pub state: i64,
    /// `author`
    pub author: String,
    /// `admin_mobile`
    pub mobile: String,
    /// `admin_email`
    pub email: String,
    /// `remark`
    pub remark: String,
    /// `runat`: a group of `[machine]`, or empty.
    pub group: String,
    /// `overflow`: what to do when the job is due while it runs.
    pub overflow: i64,
}
