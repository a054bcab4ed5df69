-- The id of a version is made from its component and digest, so the primary key finds digests as well. No statement
-- uses the index of versions. Both indexes cost more than a third of the time of writing a version.
DROP INDEX idx_version_maps_digest;
DROP INDEX idx_version_maps_semver;
