#pragma once

/* The end of the server. */

#include "api/http/server.h"

/* Answers what was asked already, for a second at most. Who waits for an answer is told that
 * relmand stops. */
void http_server_drain(HttpServer *server);
