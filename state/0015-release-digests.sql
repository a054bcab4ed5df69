-- The digests that a release needs. A row says: whoever needs of_digest, in this repository, needs digest. That is the
-- digest itself, and the digests of its platforms. Bytes under a digest never change, so that rows never change.
CREATE TABLE release_digests (
    of_digest  TEXT NOT NULL,                  -- as in release_components
    digest     TEXT NOT NULL,
    repository TEXT NOT NULL,
    PRIMARY KEY (of_digest, digest, repository)
) STRICT, WITHOUT ROWID;

CREATE INDEX idx_release_digests_digest ON release_digests(digest);
CREATE INDEX idx_release_digests_repository ON release_digests(repository, digest);

INSERT OR IGNORE INTO release_digests (of_digest, digest, repository)
    SELECT rc.digest, rc.digest, json_extract(c.value, '$.imageRepository') FROM releases r, json_each(r.components) c
        JOIN release_components rc ON rc.release_id = r.id AND rc.digest = json_extract(c.value, '$.digest')
        WHERE json_extract(c.value, '$.imageRepository') IS NOT NULL;
INSERT OR IGNORE INTO release_digests (of_digest, digest, repository)
    SELECT rc.digest, p.value, json_extract(c.value, '$.imageRepository') FROM releases r, json_each(r.components) c
        JOIN release_components rc ON rc.release_id = r.id AND rc.digest = json_extract(c.value, '$.digest')
        JOIN json_each(c.value, '$.platforms') p
        WHERE json_extract(c.value, '$.imageRepository') IS NOT NULL AND p.type = 'text';

-- The last release with a digest takes its rows with it.
CREATE TRIGGER release_digests_delete AFTER DELETE ON release_components BEGIN
    DELETE FROM release_digests WHERE of_digest = old.digest AND NOT EXISTS
        (SELECT 1 FROM release_components WHERE digest = old.digest);
END;
