#pragma once

/* Reads and drops what a client still sends once its connection is closed, for a moment. */

struct HttpServer;

/* The descriptor is not taken over. */
void linger_begin(struct HttpServer *server, int fd);
void lingers_done(struct HttpServer *server);
