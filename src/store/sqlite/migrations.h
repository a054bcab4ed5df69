#pragma once

/* The numbered migrations of state/, in order: the first upgrades an empty database to version
 * 1. */
extern const char *const store_migrations[];
extern const unsigned store_n_migrations;

/* Digest of the schema that all migrations make, from state/schema.digest. It is the SHA-256 of the
 * type, name, table and SQL of each row of sqlite_schema, each with its NUL, in the order of name
 * and type. */
extern const char store_schema_digest[];
