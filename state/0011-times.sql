-- A list reads when its objects were created and changed: from a narrow index, not from rows that hold complete documents.
CREATE INDEX idx_components_times ON components(id, created_at, updated_at);
CREATE INDEX idx_environments_times ON environments(id, created_at, updated_at);

-- The unique index of tenant and name finds the components of a tenant as well.
DROP INDEX idx_components_tenant;
