//! Reading gocron's table of jobs from its MySQL database. What the rows mean is in `cronbus_core::gocron`.

use std::time::Duration;

use cronbus_core::config::ServiceUrl;
use cronbus_core::gocron::Row;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};

use crate::store::mysql_driver;

/// More jobs than this are not read: somebody else's table, or a mistake.
const MAX_ROWS: usize = 100_000;

/// How long the database may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The columns, as gocron writes them.
const QUERY: &str = "SELECT CAST(jobid AS SIGNED), job_name, cmd, rule, CAST(runyear AS CHAR), querytype, \
     CAST(state AS SIGNED), author, admin_mobile, admin_email, remark, runat, CAST(overflow AS SIGNED) \
     FROM tb_cron_schedule ORDER BY id";

/// The table could not be read. No message has the password.
#[derive(Debug, thiserror::Error)]
#[error("gocron's jobs cannot be read from {url}: {reason}")]
pub struct Error {
    url: ServiceUrl,
    reason: String,
}

/// Reads all rows of `tb_cron_schedule`, in their order.
///
/// # Errors
/// When the URL cannot be used, the database does not answer, or it has no such table.
pub async fn read(url: &str) -> Result<Vec<Row>, Error> {
    let failed = |reason: String| Error { url: ServiceUrl::new(url), reason };
    let driver = mysql_driver(url).map_err(failed)?;
    match tokio::time::timeout(PATIENCE, rows(driver)).await {
        Ok(Ok(rows)) if rows.len() > MAX_ROWS => Err(failed(format!("it has more than {MAX_ROWS} jobs"))),
        Ok(rows) => rows.map_err(|error| failed(error.to_string())),
        Err(_) => Err(failed(format!("no answer within {} s", PATIENCE.as_secs()))),
    }
}

async fn rows(driver: OptsBuilder) -> mysql_async::Result<Vec<Row>> {
    let mut connection = Conn::new(driver).await?;
    let mut rows: Vec<mysql_async::Row> = connection.query(format!("{QUERY} LIMIT {}", MAX_ROWS + 1)).await?;
    let rows = rows.iter_mut().map(row).collect();
    connection.disconnect().await?;
    Ok(rows)
}

fn row(columns: &mut mysql_async::Row) -> Row {
    Row {
        job: number(columns, 0),
        name: text(columns, 1),
        command: text(columns, 2),
        rule: text(columns, 3),
        year: text(columns, 4),
        kind: text(columns, 5),
        state: number(columns, 6),
        author: text(columns, 7),
        mobile: text(columns, 8),
        email: text(columns, 9),
        remark: text(columns, 10),
        group: text(columns, 11),
        overflow: number(columns, 12),
    }
}

/// Absent is empty; bytes that are no UTF-8 are shown as such.
fn text(columns: &mut mysql_async::Row, place: usize) -> String {
    let bytes: Option<Vec<u8>> = columns.take_opt(place).and_then(Result::ok);
    String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
}

fn number(columns: &mut mysql_async::Row, place: usize) -> i64 {
    columns.take_opt(place).and_then(Result::ok).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MysqlStore;

    #[tokio::test]
    async fn rows_are_read_as_they_are() {
        let url = crate::store::tests::servers::mysql_url();
        let store = MysqlStore::on(&url, crate::store::OpenOptions::default()).unwrap();
        assert!(read(&url).await.unwrap_err().to_string().contains("tb_cron_schedule"));
        store
            .execute(&[
                "CREATE TABLE tb_cron_schedule (id INT PRIMARY KEY AUTO_INCREMENT, jobid INT, job_name VARCHAR(550), \
                 cmd VARCHAR(200), rule VARCHAR(100), runyear INT NULL, querytype VARCHAR(50), state INT, \
                 author VARCHAR(50), admin_mobile VARCHAR(10), admin_email VARCHAR(100), remark VARCHAR(500), \
                 createtime INT, runat VARCHAR(50), overflow INT) DEFAULT CHARSET utf8",
                "INSERT INTO tb_cron_schedule VALUES (1, 42, '报表', 'php /srv/a.php', '*/5 * * * *', NULL, 'shell', \
                 1, 'ann', '', 'ann@example.com', NULL, 0, 'phpgroup', 2)",
            ])
            .unwrap();
        let expected = Row {
            job: 42,
            name: "报表".to_owned(),
            command: "php /srv/a.php".to_owned(),
            rule: "*/5 * * * *".to_owned(),
            kind: "shell".to_owned(),
            state: 1,
            author: "ann".to_owned(),
            email: "ann@example.com".to_owned(),
            group: "phpgroup".to_owned(),
            overflow: 2,
            ..Row::default()
        };
        assert_eq!(read(&url).await.unwrap(), [expected]);
    }
}
