#pragma once

/* Sends an answer. */

#include "api/http/request.h"

/* Queues the answer, and frees memory that only the handler needed. */
enum MHD_Result request_reply(Request *request);
