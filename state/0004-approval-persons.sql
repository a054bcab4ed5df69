-- An approval counts for a person, whichever principal gave it. Rows from before keep the name part of their principal.
ALTER TABLE approvals ADD COLUMN person TEXT NOT NULL DEFAULT '';
UPDATE approvals SET person = substr(by, instr(by, ':') + 1);

-- A key belongs to a tenant and a principal: tokens of two tenants may have the same name.
DROP INDEX idx_audit_key;
CREATE UNIQUE INDEX idx_audit_key ON audit(tenant_id, principal, idempotency_key) WHERE idempotency_key IS NOT NULL;
