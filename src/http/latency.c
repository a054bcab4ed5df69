#include "http/internal.h"

const usec_t http_latency_bounds[HTTP_LATENCY_BOUNDS] = {
        5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000,
};

void http_latency_note(HttpLatency *latency, usec_t took)
{
        for (size_t i = 0; i < HTTP_LATENCY_BOUNDS; i++)
                latency->at_most[i] += took <= http_latency_bounds[i];
        latency->n++;
        latency->sum += took;
}

void http_latency_add(HttpLatency *to, const HttpLatency *from)
{
        for (size_t i = 0; i < HTTP_LATENCY_BOUNDS; i++)
                to->at_most[i] += from->at_most[i];
        to->n += from->n;
        to->sum += from->sum;
}
