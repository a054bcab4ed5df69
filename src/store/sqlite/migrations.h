#pragma once

/* The numbered migrations of state/, in order: the first upgrades an empty database to version
 * 1. */
extern const char *const store_migrations[];
extern const unsigned store_n_migrations;
