//! Writing keeps everything.

use expect_test::expect;
use proptest::prelude::*;

use super::super::*;
use super::any_job::any_job;
use super::job;

proptest! {
    #[test]
    fn toml_keeps_every_job(job in any_job()) {
        let text = write_toml(std::slice::from_ref(&job)).unwrap();
        prop_assert_eq!(read(&text, Format::Toml), Ok(vec![job]), "{}", text);
    }

    #[test]
    fn json_keeps_every_job(job in any_job()) {
        let text = write_json(std::slice::from_ref(&job)).unwrap();
        prop_assert_eq!(read(&text, Format::Json), Ok(vec![job]), "{}", text);
    }

    #[test]
    fn yaml_keeps_every_job(job in any_job()) {
        let text = write_yaml(std::slice::from_ref(&job)).unwrap();
        prop_assert_eq!(read(&text, Format::Yaml), Ok(vec![job]), "{}", text);
    }
}

#[test]
fn no_jobs_and_several_are_kept_too() {
    for jobs in [vec![], vec![job("a"), job("b")]] {
        for format in [Format::Toml, Format::Yaml, Format::Json] {
            let text = write(&jobs, format).unwrap();
            assert_eq!(read(&text, format), Ok(jobs.clone()), "{text}");
        }
    }
}

#[test]
fn written_jobs_are_pleasant_to_read() {
    let mut job = job("backup");
    job.schedule = Some("0 3 * * *".to_owned());
    job.command = crate::job::Command::shell("set -e\n\tcd /srv\n  ./backup.sh \"{{due_date}}\"\n");
    job.labels = [("team".to_owned(), "ops: yes".to_owned())].into();
    job.retry.max = 3;
    for (format, expected) in [
        (
            Format::Toml,
            expect![[r#"
                [[job]]
                name = "backup"
                schedule = "0 3 * * *"

                [job.command]
                shell = """
                set -e
                \tcd /srv
                  ./backup.sh "{{due_date}}"
                """

                [job.retry]
                max = 3

                [job.labels]
                team = "ops: yes"
            "#]],
        ),
        (
            Format::Yaml,
            expect![[r#"
                job:
                  - name: backup
                    schedule: "0 3 * * *"
                    command:
                      shell: |
                        set -e
                        	cd /srv
                          ./backup.sh "{{due_date}}"
                    retry:
                      max: 3
                    labels:
                      team: "ops: yes"
            "#]],
        ),
        (
            Format::Json,
            expect![[r#"
                {
                  "job": [
                    {
                      "name": "backup",
                      "schedule": "0 3 * * *",
                      "command": {
                        "shell": "set -e\n\tcd /srv\n  ./backup.sh \"{{due_date}}\"\n"
                      },
                      "retry": {
                        "max": 3
                      },
                      "labels": {
                        "team": "ops: yes"
                      }
                    }
                  ]
                }
            "#]],
        ),
    ] {
        expected.assert_eq(&write(std::slice::from_ref(&job), format).unwrap());
    }
}
