-- What the images of releases say of themselves, by digest: of each digest that a release needs, and that was read. A row
-- exists as long as a release needs the digest.
CREATE TABLE image_facts (
    id     INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    facts  TEXT NOT NULL CHECK (json_valid(facts)),
    layers BLOB NOT NULL,                      -- the SHA-256 of each layer, in order: 32 bytes each
    base   TEXT                                -- digest that the image names as its base
) STRICT;

CREATE INDEX idx_image_facts_base ON image_facts(base) WHERE base IS NOT NULL;

-- Finds the images with a layer. Six bytes of its SHA-256 are enough: a query compares all of them in image_facts.
CREATE TABLE image_layers (
    layer BLOB NOT NULL,
    image INTEGER NOT NULL,
    PRIMARY KEY (layer, image)
) STRICT, WITHOUT ROWID;

CREATE VIEW layer_places(n) AS WITH RECURSIVE places(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM places WHERE n < 126)
    SELECT n FROM places;

CREATE TRIGGER image_facts_insert AFTER INSERT ON image_facts BEGIN
    INSERT OR IGNORE INTO image_layers (layer, image)
        SELECT substr(new.layers, 32 * n + 1, 6), new.id FROM layer_places WHERE n < length(new.layers) / 32;
END;
CREATE TRIGGER image_facts_delete AFTER DELETE ON image_facts BEGIN
    DELETE FROM image_layers WHERE image = old.id AND layer IN
        (SELECT substr(old.layers, 32 * n + 1, 6) FROM layer_places WHERE n < length(old.layers) / 32);
END;
CREATE TRIGGER image_facts_unused AFTER DELETE ON release_digests BEGIN
    DELETE FROM image_facts WHERE digest = old.digest AND NOT EXISTS
        (SELECT 1 FROM release_digests WHERE digest = old.digest);
END;

-- The same facts of the present heads of channels, from when they were read until a release with them is made.
CREATE TABLE head_facts (
    component_id TEXT NOT NULL REFERENCES components(id) ON DELETE CASCADE,
    head         TEXT NOT NULL,                -- digest of the head
    digest       TEXT NOT NULL,                -- the same, or the digest of one of its platforms
    facts        TEXT NOT NULL CHECK (json_valid(facts)),
    PRIMARY KEY (component_id, head, digest)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER head_facts_moved AFTER UPDATE OF digest ON channels WHEN new.digest <> old.digest BEGIN
    DELETE FROM head_facts WHERE component_id = old.component_id AND head NOT IN
        (SELECT digest FROM channels WHERE component_id = old.component_id);
END;
CREATE TRIGGER head_facts_gone AFTER DELETE ON channels BEGIN
    DELETE FROM head_facts WHERE component_id = old.component_id AND head NOT IN
        (SELECT digest FROM channels WHERE component_id = old.component_id);
END;
