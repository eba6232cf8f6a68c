-- Who owns each partition. All rows are there from the beginning, so that there is always one to lock; epoch 0 is
-- nobody's. Whoever writes for a partition shares the lock on its row, whoever claims it waits for them: therefore what
-- changes with every batch, the watermark, is in a table of its own.
CREATE TABLE partitions (
    partition_number INTEGER NOT NULL PRIMARY KEY,
    owner            TEXT    NOT NULL,
    epoch            BIGINT  NOT NULL
);

INSERT INTO partitions (partition_number, owner, epoch) SELECT number, '', 0 FROM generate_series(0, 255) AS number;

-- Up to where the slots of each partition were created. Every batch changes its rows: there is room for that beside them.
CREATE TABLE watermarks (
    partition_number INTEGER NOT NULL PRIMARY KEY,
    watermark        BIGINT  NOT NULL
) WITH (fillfactor = 20);

INSERT INTO watermarks (partition_number, watermark) SELECT partition_number, 0 FROM partitions;
