SET @former = (
    SELECT IF(COUNT(*) = 1, 'ALTER TABLE jobs DROP COLUMN former', 'DO 0')
    FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'jobs' AND column_name = 'former'
);
PREPARE drop_former FROM @former;
EXECUTE drop_former;
DEALLOCATE PREPARE drop_former;
