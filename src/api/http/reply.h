#pragma once

/* Sends an answer. */

#include "api/http/request.h"

/* Queues the answer, and frees its sources. */
enum MHD_Result request_reply(Request *request);
