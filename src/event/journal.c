/* Writes events to the journal, with fields and the message ids of relman.catalog. */

#include <stdio.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "event/internal.h"

#define MESSAGE_MAX ((size_t)64 * 1024)

static const char *const message_ids[EVENT_TYPE_MAX_] = {
        [EVENT_COMPONENT_CREATED] = "69bc910f38025384a7d985936f922e0c",
        [EVENT_COMPONENT_UPDATED] = "cfb1ade6ab7e59c497ccacf4bb93c16f",
        [EVENT_COMPONENT_DELETED] = "0299d00f6d9a50bba09cda6384ccb8ec",
        [EVENT_VERSION_RESOLVED] = "785c7adc174654a1a9b498158b1da656",
        [EVENT_VERSION_UPDATED] = "7b8a31cfbde75f919e3b60e64987dad2",
        [EVENT_VERSIONS_RESOLVED] = "0c1b8f4e6a2d4c0f9d3e7b5a18c6f2d4",
        [EVENT_RELEASE_CREATED] = "f7652e6ba6975e2ebc27bc6e04d24f4b",
        [EVENT_RELEASE_READY] = "b833b5d216fe59e3896f2562acb2f688",
        [EVENT_RELEASE_PROMOTED] = "d3f188ae8dd450c3a8d8ebae4f31a1aa",
        [EVENT_RELEASE_DEPLOYED] = "5ea9216ef94e5952848fc18d010d7e0c",
        [EVENT_RELEASE_FAILED] = "c176bdf4141c477196d2a383c53cbf1f",
        [EVENT_RELEASE_DEPRECATED] = "2ec47cb9161d574fac0b9ce737f31db3",
        [EVENT_RELEASE_ARCHIVED] = "17d70cffc27558498f28744c8623e4c4",
        [EVENT_RELEASE_REJECTED] = "ea59bd60997447b2a636c9eb94a3fead",
        [EVENT_RELEASE_ROLLED_BACK] = "d27b5c1e94f84a60b3e7a0f6c8125d9b",
        [EVENT_TAG_MOVED] = "20fd42da6f1853d19099f6e3fff5a9bf",
        [EVENT_TAG_BLOCKED] = "f0c6ad86aa6e41cd9a6c5b9a2f4f7a51",
        [EVENT_TAG_ALLOWED] = "5d1d3f0e0c7e4b7fb1f3f7f0a2f3c9d4",
        [EVENT_DRIFT_DETECTED] = "ad064b5305ee5320b8b7f28a270e6f41",
        [EVENT_ENVIRONMENT_HELD] = "0f4c1c5d2e6b4a0f9d7e3b8a61c5f2d7",
        [EVENT_ENVIRONMENT_RESUMED] = "b27e0a9c83d14f65a1f0c94e7d2b6a38",
        [EVENT_APPROVAL_GIVEN] = "c61d9f7b05e24c8e8a3b52f1e49d70ab",
        [EVENT_APPROVAL_WITHDRAWN] = "7e3a90d2c4b84f1fa65d0b8e92c7f314",
        [EVENT_CHECK_PASSED] = "3c8e5a17d4f04b6e9a2b71c05de8f946",
        [EVENT_CHECK_FAILED] = "9f27b0e46a1d4c53b8e3d6f5017ac284",
        [EVENT_GATE_CLOSED] = "5b1f0c7ae2d94c38a6e04d7f91b3825c",
        [EVENT_GATE_OPENED] = "e84d2a6f1c9b4705b3d7a05e6c18f92d",
        [EVENT_OUTPUT_WRITTEN] = "53f68feba5ef4511b7be4bb7811ba64e",
        [EVENT_OUTPUT_FAILED] = "b0411945c2c74dcc917b702c009e8543",
        [EVENT_REGISTRY_UNREACHABLE] = "a6f5a1fbdd2955d3a7afaa60a332deea",
        [EVENT_REGISTRY_RECOVERED] = "39af7e15350a510f9b190a6abd5ba565",
};

void journal_send(const ParsedEvent *parsed)
{
        const Event *event = parsed->event;
        _cleanup_(buffer_done) Buffer message;

        buffer_init(&message, MESSAGE_MAX);
        message_write(parsed, &message); /* a long text is truncated */
        /* ignored: a failure to write to the journal cannot be logged */
        (void)sd_journal_send("MESSAGE=%s", message.data, "MESSAGE_ID=%s", message_ids[event->type],
                              "PRIORITY=%d", message_is_urgent(event->type) ? 4 : 5,
                              "RELMAN_EVENT_ID=%s", event->id.text, "RELMAN_EVENT_TYPE=%s",
                              event_type_to_string(event->type), "RELMAN_SEQUENCE=%lld",
                              (long long)event->sequence, "RELMAN_TENANT=%s", event->tenant,
                              "RELMAN_OBJECT=%s/%s", object_kind_to_noun(event->kind),
                              event->object_name, "RELMAN_OBJECT_ID=%s", event->object_id,
                              "RELMAN_DATA=%s", event->data, NULL);
}
