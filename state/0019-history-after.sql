-- The last row of history when the environment was declared. Rows up to it are of a removed environment of the same name.
-- They are history, but no gate counts them. For existing rows: those before the first row of the environment's time.
ALTER TABLE environments ADD COLUMN history_after INTEGER NOT NULL DEFAULT 0;
UPDATE environments SET history_after = coalesce(
    (SELECT min(h.sequence) - 1 FROM environment_history h WHERE h.environment_id = environments.id AND h.at >= environments.created_at),
    (SELECT max(h.sequence) FROM environment_history h WHERE h.environment_id = environments.id), 0);
