#pragma once

/* The numbered migrations of state/, in order. The first one upgrades an empty database to version
 * 1. */
extern const char *const store_migrations[];
extern const unsigned store_n_migrations;

/* SHA-256 of the schema that all migrations make, from state/schema.digest. Covers the type, name,
 * table and SQL of each row of sqlite_schema, each followed by NUL. The rows are sorted by name and
 * type. */
extern const char store_schema_digest[];
