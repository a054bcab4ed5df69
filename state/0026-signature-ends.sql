-- The end of a valid result, and whether it was only tolerated, were the first words of signature_detail.
ALTER TABLE manifests ADD COLUMN signature_until TEXT;                          -- NULL: the result does not end
ALTER TABLE manifests ADD COLUMN signature_tolerated INTEGER NOT NULL DEFAULT 0;  -- 1: valid by mode warn
UPDATE manifests SET signature_tolerated = 1 WHERE signature = 'valid' AND signature_detail LIKE 'tolerated:%';
UPDATE manifests SET signature_until = substr(signature_detail, 13, 20)
    WHERE signature = 'valid' AND signature_detail LIKE 'valid until ____-__-__T__:__:__Z%';
