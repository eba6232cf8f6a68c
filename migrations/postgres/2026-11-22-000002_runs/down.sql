DROP TABLE submissions;
DROP TABLE runs;
