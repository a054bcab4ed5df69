-- relmanctl resume requests another attempt of a failed release. It keeps no other release out, unlike a hold.
ALTER TABLE environment_holds ADD COLUMN is_retry INTEGER NOT NULL DEFAULT 0;
UPDATE environment_holds SET is_retry = 1 WHERE reason = 'resumed: failed promotions are tried again';
