-- Checks that relmand runs itself have output. A check before a promotion is canceled if its release is superseded.
CREATE TABLE checks_0017 (
    environment_id TEXT NOT NULL REFERENCES environments(id) ON DELETE CASCADE,
    release_id     TEXT NOT NULL REFERENCES releases(id) ON DELETE CASCADE,
    promotion_id   TEXT NOT NULL,
    name           TEXT NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('running', 'passed', 'failed', 'canceled')),
    started_at     TEXT NOT NULL,
    reported_at    TEXT,
    by             TEXT,
    person         TEXT,
    evidence_ref   TEXT,
    message        TEXT,
    output         TEXT,
    PRIMARY KEY (environment_id, release_id, promotion_id, name)
) STRICT, WITHOUT ROWID;

INSERT INTO checks_0017 SELECT *, NULL FROM checks;
DROP TABLE checks;
ALTER TABLE checks_0017 RENAME TO checks;

CREATE INDEX idx_checks_release ON checks(release_id);
CREATE INDEX idx_checks_running ON checks(environment_id) WHERE status = 'running';
CREATE INDEX idx_checks_output ON checks(environment_id, name, reported_at) WHERE output IS NOT NULL;
