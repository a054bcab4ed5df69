#pragma once

/* After a connection is closed, reads and drops for a moment the bytes that its client still sends.
 */

struct HttpServer;

/* Duplicates the descriptor; the caller keeps its own. */
void linger_begin(struct HttpServer *server, int fd);
void lingers_done(struct HttpServer *server);
