-- A person may also reject a release: that removes the approvals of before, and holds until the next approval.
ALTER TABLE approvals ADD COLUMN verdict TEXT NOT NULL DEFAULT 'approved' CHECK (verdict IN ('approved', 'rejected'));
ALTER TABLE approvals ADD COLUMN message TEXT;
-- The person who created a release, as known then. Rows from before keep the name part of their principal.
ALTER TABLE releases ADD COLUMN created_person TEXT;
UPDATE releases SET created_person = (SELECT substr(u.name, instr(u.name, ':') + 1) FROM users u WHERE u.id = releases.created_by AND instr(u.name, ':') > 0);
