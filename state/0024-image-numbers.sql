-- Layers, base images and releases have numbers, by which the facts of images name them. A search for the releases with
-- a layer reads indexes of numbers alone.
ALTER TABLE releases ADD COLUMN number INTEGER;    -- in the order of insertion
UPDATE releases SET number = rowid;
CREATE INDEX idx_releases_number ON releases(number, tenant_id, created_at, status);

-- Layers of images. A row exists as long as image_layers has its number.
CREATE TABLE layers (
    id     INTEGER PRIMARY KEY,
    digest BLOB NOT NULL                       -- SHA-256, 32 bytes
) STRICT;

-- Eight bytes of the SHA-256 are enough to find a layer. A query compares all of them.
CREATE INDEX idx_layers_digest ON layers(substr(digest, 1, 8));

INSERT INTO layers (digest) SELECT substr(i.layers, 32 * n + 1, 32) AS layer FROM image_facts i JOIN layer_places
    ON n < length(i.layers) / 32 GROUP BY layer ORDER BY min(128 * i.id + n);

-- Base images that images name. A row exists as long as image_facts has its number.
CREATE TABLE image_bases (
    id     INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE
) STRICT;

INSERT INTO image_bases (digest) SELECT DISTINCT base FROM image_facts WHERE base IS NOT NULL;

-- The keys org.opencontainers.image.* of annotations and labels begin with '=' instead, and the value of =base.digest
-- is '=' if it is the digest in image_bases.
CREATE TABLE image_facts_0024 (
    id     INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    facts  TEXT NOT NULL CHECK (json_valid(facts)),
    layers TEXT NOT NULL CHECK (json_valid(layers)),  -- their numbers in order: [1,2]
    base   INTEGER                             -- in image_bases
) STRICT;

INSERT INTO image_facts_0024 (id, digest, facts, layers, base)
    SELECT i.id, i.digest,
        replace(replace(replace(i.facts, '{"org.opencontainers.image.', '{"='), ',"org.opencontainers.image.', ',"='),
            '"=base.digest":"' || coalesce(i.base, '') || '"', '"=base.digest":"="'),
        (SELECT json_group_array(l.id) FROM layer_places CROSS JOIN layers l ON substr(l.digest, 1, 8) =
            substr(i.layers, 32 * n + 1, 8) AND l.digest = substr(i.layers, 32 * n + 1, 32) WHERE n < length(i.layers) / 32),
        (SELECT id FROM image_bases WHERE digest = i.base)
    FROM image_facts i ORDER BY i.id;

DROP TRIGGER image_facts_unused;
DROP TABLE image_layers;
DROP TABLE image_facts;
ALTER TABLE image_facts_0024 RENAME TO image_facts;
CREATE INDEX idx_image_facts_base ON image_facts(base) WHERE base IS NOT NULL;

UPDATE head_facts SET facts = replace(replace(facts, '{"org.opencontainers.image.', '{"='),
    ',"org.opencontainers.image.', ',"=');

-- The images with a layer.
CREATE TABLE image_layers (
    layer INTEGER NOT NULL,
    image INTEGER NOT NULL,                    -- in image_facts
    PRIMARY KEY (layer, image)
) STRICT, WITHOUT ROWID;

INSERT INTO image_layers (layer, image) SELECT DISTINCT l.value, i.id FROM image_facts i, json_each(i.layers) l;

-- The releases that need an image, as release_components and release_digests say.
CREATE TABLE image_uses (
    image   INTEGER NOT NULL,                  -- in image_facts
    release INTEGER NOT NULL,                  -- number of the release
    PRIMARY KEY (image, release)
) STRICT, WITHOUT ROWID;

INSERT INTO image_uses (image, release) SELECT DISTINCT i.id, r.number FROM image_facts i
    JOIN release_digests d ON d.digest = i.digest JOIN release_components rc ON rc.digest = d.of_digest
    JOIN releases r ON r.id = rc.release_id;

CREATE TRIGGER image_facts_insert AFTER INSERT ON image_facts BEGIN
    INSERT OR IGNORE INTO image_layers (layer, image) SELECT value, new.id FROM json_each(new.layers);
    INSERT OR IGNORE INTO image_uses (image, release) SELECT new.id, r.number FROM release_digests d
        CROSS JOIN release_components rc ON rc.digest = d.of_digest CROSS JOIN releases r ON r.id = rc.release_id
        WHERE d.digest = new.digest;
END;
CREATE TRIGGER image_facts_delete AFTER DELETE ON image_facts BEGIN
    DELETE FROM image_uses WHERE image = old.id;
    DELETE FROM image_layers WHERE image = old.id AND layer IN (SELECT value FROM json_each(old.layers));
    DELETE FROM layers WHERE id IN (SELECT value FROM json_each(old.layers)) AND NOT EXISTS
        (SELECT 1 FROM image_layers WHERE layer = layers.id);
    DELETE FROM image_bases WHERE id = old.base AND NOT EXISTS (SELECT 1 FROM image_facts WHERE base = old.base);
END;
CREATE TRIGGER image_facts_unused AFTER DELETE ON release_digests BEGIN
    DELETE FROM image_facts WHERE digest = old.digest AND NOT EXISTS
        (SELECT 1 FROM release_digests WHERE digest = old.digest);
END;

-- image_uses is complete in whatever order the rows of a release are stored.
CREATE TRIGGER release_components_used AFTER INSERT ON release_components BEGIN
    INSERT OR IGNORE INTO image_uses (image, release) SELECT i.id, r.number FROM release_digests d
        CROSS JOIN image_facts i ON i.digest = d.digest CROSS JOIN releases r ON r.id = new.release_id
        WHERE d.of_digest = new.digest;
END;
CREATE TRIGGER release_digests_used AFTER INSERT ON release_digests BEGIN
    INSERT OR IGNORE INTO image_uses (image, release) SELECT i.id, r.number FROM image_facts i
        CROSS JOIN release_components rc ON rc.digest = new.of_digest CROSS JOIN releases r ON r.id = rc.release_id
        WHERE i.digest = new.digest;
END;
-- These run before the triggers that remove rows of release_digests. An image stays in use if another component of the
-- release needs it.
CREATE TRIGGER release_components_unused BEFORE DELETE ON release_components BEGIN
    DELETE FROM image_uses WHERE release = (SELECT number FROM releases WHERE id = old.release_id) AND image IN
        (SELECT i.id FROM release_digests d CROSS JOIN image_facts i ON i.digest = d.digest
            WHERE d.of_digest = old.digest) AND NOT EXISTS
        (SELECT 1 FROM image_facts i CROSS JOIN release_digests d ON d.digest = i.digest CROSS JOIN release_components rc
            ON rc.digest = d.of_digest AND rc.release_id = old.release_id AND rc.component_id <> old.component_id
            WHERE i.id = image_uses.image);
END;
CREATE TRIGGER releases_unused BEFORE DELETE ON releases BEGIN
    DELETE FROM image_uses WHERE release = old.number AND image IN
        (SELECT i.id FROM release_components rc CROSS JOIN release_digests d ON d.of_digest = rc.digest
            CROSS JOIN image_facts i ON i.digest = d.digest WHERE rc.release_id = old.id);
END;

-- What differs between the images of the two digests. NULL: not known.
ALTER TABLE drift ADD COLUMN change TEXT;
