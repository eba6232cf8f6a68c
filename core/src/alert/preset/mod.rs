//! What each service wants to be called with, and what its answers mean. One file for each; all of them pure: given a
//! channel, a message and the time, they say what is to be sent, byte by byte.
//!
//! ```text
//!   webhook ─ any service      slack, teams ─────────── cards without markup
//!   pagerduty ─ incidents      dingtalk, feishu ─────── signed, answer 200 whatever happens
//!   mail ─ for SMTP            wecom ────────────────── likewise
//!                              twilio, aliyun, tencent ─ text messages
//! ```
//!
//! What people wrote or jobs printed enters as data of the format, never as markup: plain texts and structured elements
//! are used wherever a service has them.

mod aliyun;
mod call;
mod dingtalk;
mod feishu;
mod mail;
mod pagerduty;
mod request;
mod sign;
mod slack;
mod teams;
mod tencent;
mod twilio;
mod verdict;
mod wecom;

#[cfg(test)]
mod tests;

pub use mail::{Mail, mail};
pub use request::{Request, requests};
pub use verdict::{Verdict, judge};
