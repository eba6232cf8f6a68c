-- Who owns each partition. All rows are there from the beginning, so that there is always one to lock; epoch 0 is
-- nobody's. Whoever writes for a partition shares the lock on its row, whoever claims it waits for them: therefore what
-- changes with every batch, the watermark, is in a table of its own.
CREATE TABLE IF NOT EXISTS partitions (
    partition_number INT    NOT NULL PRIMARY KEY,
    owner            VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    epoch            BIGINT NOT NULL
) ENGINE = InnoDB;

INSERT INTO partitions (partition_number, owner, epoch)
SELECT high.digit * 16 + low.digit, '', 0
FROM (SELECT 0 AS digit UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6
      UNION SELECT 7 UNION SELECT 8 UNION SELECT 9 UNION SELECT 10 UNION SELECT 11 UNION SELECT 12 UNION SELECT 13
      UNION SELECT 14 UNION SELECT 15) AS high
CROSS JOIN
     (SELECT 0 AS digit UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6
      UNION SELECT 7 UNION SELECT 8 UNION SELECT 9 UNION SELECT 10 UNION SELECT 11 UNION SELECT 12 UNION SELECT 13
      UNION SELECT 14 UNION SELECT 15) AS low
-- A join would take the next word for its condition.
WHERE TRUE
ON DUPLICATE KEY UPDATE owner = partitions.owner;

-- Up to where the slots of each partition were created.
CREATE TABLE IF NOT EXISTS watermarks (
    partition_number INT    NOT NULL PRIMARY KEY,
    watermark        BIGINT NOT NULL
) ENGINE = InnoDB;

INSERT INTO watermarks (partition_number, watermark)
SELECT partition_number, 0 FROM partitions
ON DUPLICATE KEY UPDATE watermark = watermarks.watermark;
