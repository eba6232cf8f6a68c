-- What a job was before, while slots it had then may be without an answer: JSON; NULL, as nearly always: all have one.
ALTER TABLE jobs ADD COLUMN former TEXT NULL;
