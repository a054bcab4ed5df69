#pragma once

/* After a connection is closed, reads and drops what its client still sends, for a moment. */

struct HttpServer;

/* Does not take ownership of the descriptor. */
void linger_begin(struct HttpServer *server, int fd);
void lingers_done(struct HttpServer *server);
