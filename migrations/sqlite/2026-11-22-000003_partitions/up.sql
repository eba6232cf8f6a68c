-- Who owns each partition that was ever owned, and up to where its slots were created.
CREATE TABLE partitions (
    partition_number INTEGER NOT NULL PRIMARY KEY,
    owner            TEXT    NOT NULL,
    epoch            BIGINT  NOT NULL,
    watermark        BIGINT  NOT NULL
);
