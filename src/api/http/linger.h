#pragma once

/* Reads and drops what a client still sends once its connection is closed, for a moment. */

struct Api;

/* The descriptor is not taken over. */
void linger_begin(struct Api *api, int fd);
void lingers_done(struct Api *api);
