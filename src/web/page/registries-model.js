/* The figures of a registry in the last hour. Pure functions. */

/** Returns the data of a plot of one figure of the samples: times in seconds, then values. */
export function seriesOf(samples, name) {
        return [samples.map(({ at }) => Date.parse(at) / 1000), samples.map((sample) => sample[name] ?? null)];
}

/** Returns { requests, errors, latency, rateLimitLeft } of all samples. latency: the mean of a request in
 * microseconds, null if there was none. rateLimitLeft: as the registry said last, null if it never did. */
export function totalsOf(samples) {
        const sum = (value) => samples.reduce((total, sample) => total + value(sample), 0);
        const requests = sum((sample) => sample.requests);
        const latency = sum((sample) => (sample.latencyMicroseconds ?? 0) * sample.requests);
        const limits = samples.map((sample) => sample.rateLimitLeft).filter((left) => left !== null);

        return { requests, errors: sum((sample) => sample.errors), latency: requests ? latency / requests : null,
                rateLimitLeft: limits.at(-1) ?? null };
}
