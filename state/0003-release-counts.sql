-- How many releases there are, kept by every change of them: a page of the catalog tells the total without counting.
CREATE TABLE release_counts (
    tenant_id TEXT NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    status    TEXT NOT NULL,
    n         INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, status)
) STRICT, WITHOUT ROWID;

INSERT INTO release_counts (tenant_id, status, n) SELECT tenant_id, status, count(*) FROM releases GROUP BY tenant_id, status;

CREATE TRIGGER release_counts_insert AFTER INSERT ON releases BEGIN
    INSERT INTO release_counts (tenant_id, status, n) VALUES (new.tenant_id, new.status, 1)
        ON CONFLICT (tenant_id, status) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER release_counts_delete AFTER DELETE ON releases BEGIN
    UPDATE release_counts SET n = n - 1 WHERE tenant_id = old.tenant_id AND status = old.status;
END;
CREATE TRIGGER release_counts_update AFTER UPDATE OF status ON releases WHEN old.status <> new.status BEGIN
    UPDATE release_counts SET n = n - 1 WHERE tenant_id = old.tenant_id AND status = old.status;
    INSERT INTO release_counts (tenant_id, status, n) VALUES (new.tenant_id, new.status, 1)
        ON CONFLICT (tenant_id, status) DO UPDATE SET n = n + 1;
END;

-- A component is of one tenant: digest and component tell the row, with a quarter less to write.
DROP INDEX idx_version_maps_digest;
CREATE UNIQUE INDEX idx_version_maps_digest ON version_maps(digest, component_id);
