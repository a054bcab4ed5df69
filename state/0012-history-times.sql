-- The state of each environment at a time is found without reading its newer history.
CREATE INDEX idx_environment_history_times ON environment_history(environment_id, at, sequence);
