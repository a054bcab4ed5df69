-- Signed statements about what an environment has: one for each row of environment_history that was added while relmand had a
-- signing key, and one when the environment is removed. Statements outlive releases and environments.
CREATE TABLE promotion_statements (
    id             INTEGER PRIMARY KEY,
    environment_id TEXT NOT NULL,
    number         INTEGER NOT NULL,           -- place in the chain of the environment, from 1
    digest         TEXT NOT NULL,              -- of the payload; the next statement names it
    history        INTEGER NOT NULL,           -- the last row of environment_history when it was added
    at             TEXT NOT NULL,
    envelope       TEXT NOT NULL,              -- one line of JSON
    UNIQUE (environment_id, number)
) STRICT;
