-- An output remembers the release that it took last, and the commit of its branch. Outputs that only write a file have
-- rows too.
ALTER TABLE output_runs ADD COLUMN release TEXT;      -- name; NULL: an older relmand wrote the row
ALTER TABLE output_runs ADD COLUMN commit_id TEXT;    -- NULL: the output is no branch
