-- Results of the checks of a release in an environment. promotion_id is that of an after check; '': a check before the promotion.
CREATE TABLE checks (
    environment_id TEXT NOT NULL REFERENCES environments(id) ON DELETE CASCADE,
    release_id     TEXT NOT NULL REFERENCES releases(id) ON DELETE CASCADE,
    promotion_id   TEXT NOT NULL,
    name           TEXT NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('running', 'passed', 'failed')),
    started_at     TEXT NOT NULL,
    reported_at    TEXT,
    by             TEXT,
    person         TEXT,
    evidence_ref   TEXT,
    message        TEXT,
    PRIMARY KEY (environment_id, release_id, promotion_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_checks_release ON checks(release_id);
