DROP TABLE job_revisions;
DROP TABLE jobs;
DROP TABLE counters;
