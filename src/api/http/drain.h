#pragma once

/* Shuts down the server. */

#include "api/http/server.h"

/* Answers pending requests, for at most a second. Clients that wait for work get 503. */
void http_server_drain(HttpServer *server);
