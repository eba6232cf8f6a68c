-- What a job was before, while slots it had then may be without an answer: JSON; NULL, as nearly always: all have one.
-- MySQL has no ADD COLUMN IF NOT EXISTS, and this may be done again after it was cut short.
SET @former = (
    SELECT IF(COUNT(*) = 0, 'ALTER TABLE jobs ADD COLUMN former LONGTEXT NULL', 'DO 0')
    FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'jobs' AND column_name = 'former'
);
PREPARE add_former FROM @former;
EXECUTE add_former;
DEALLOCATE PREPARE add_former;
