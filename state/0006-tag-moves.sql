-- Version tags that moved although a release holds another digest under them. A row without allowed_at waits for a person.
CREATE TABLE tag_moves (
    component_id TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    tag          TEXT NOT NULL,
    digest       TEXT NOT NULL,                -- that the tag has now
    keeps        TEXT NOT NULL,                -- the digest that counts until the move is allowed
    since        TEXT NOT NULL,
    allowed_by   TEXT,                         -- principal
    allowed_at   INTEGER,                      -- microseconds since 1970: permissions of one second have an order
    reason       TEXT,
    PRIMARY KEY (component_id, tag, digest)
) STRICT, WITHOUT ROWID;

-- Moves that an older relman followed stay followed.
INSERT INTO tag_moves (component_id, tag, digest, keeps, since, allowed_by, allowed_at)
    SELECT t.component_id, t.tag, t.digest, min(rc.digest), strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 'upgrade',
           CAST(strftime('%s', 'now') AS INTEGER) * 1000000
    FROM tags t JOIN release_components rc ON rc.component_id = t.component_id AND rc.tag = t.tag AND rc.digest <> t.digest
    GROUP BY t.component_id, t.tag, t.digest;

-- Drift of releases that no environment has or is getting is information.
ALTER TABLE drift ADD COLUMN live INTEGER NOT NULL DEFAULT 1 CHECK (live IN (0, 1));
