-- The audit names the outcome of a command, the person behind the principal and the release. Before, it had accepted commands alone.
ALTER TABLE audit ADD COLUMN person TEXT;
ALTER TABLE audit ADD COLUMN release_name TEXT;
ALTER TABLE audit ADD COLUMN outcome TEXT NOT NULL DEFAULT 'accepted' CHECK (outcome IN ('accepted', 'refused', 'failed'));
ALTER TABLE audit ADD COLUMN status INTEGER NOT NULL DEFAULT 0;   -- of the HTTP answer, unless accepted; 0: there was none
ALTER TABLE audit ADD COLUMN detail TEXT;                         -- the first line of the problem, unless accepted
