-- Why a release was promoted to its environment, as the person who asked for it said. The history has that already.
ALTER TABLE release_environment_state ADD COLUMN reason TEXT;
