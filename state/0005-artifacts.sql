-- What a manifest is, if no container can run it: "a Helm chart". Empty: an image. NULL: read by an older relman, which did not look.
ALTER TABLE manifests ADD COLUMN artifact TEXT;

-- Heads were never checked for this: each component reads its list once more, and checks them.
UPDATE component_syncs SET rules_digest = '';
