DROP TABLE watermarks;
DROP TABLE partitions;
