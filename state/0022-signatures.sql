-- The result of the verification of an image by `verify` of its component.
ALTER TABLE manifests ADD COLUMN signature TEXT CHECK (signature IN ('valid', 'missing', 'invalid'));
ALTER TABLE manifests ADD COLUMN signature_policy TEXT;  -- digest of the rules and keys; NULL: not verified
ALTER TABLE manifests ADD COLUMN signature_detail TEXT;  -- every place that was searched, and what was found there
ALTER TABLE manifests ADD COLUMN signature_at TEXT;
