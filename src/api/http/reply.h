#pragma once

/* Sends an answer. */

#include "api/http/request.h"

/* Queues the answer, and frees what it was made from. */
enum MHD_Result request_reply(Request *request);
