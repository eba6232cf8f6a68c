-- What came to be known of a run after its answer was recorded, which stands. NULL: nothing.
ALTER TABLE runs ADD COLUMN note TEXT NULL;
