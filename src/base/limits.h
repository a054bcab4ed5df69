#pragma once

/* Every bound on what comes from outside, each with the attack or accident it stops. */

#define SPEC_FILE_MAX      (1024 * 1024) /* a document that fills memory */
#define SPEC_TREE_MAX      100000        /* files in one tree: a wrong path such as / */
#define SPEC_FOLDERS_MAX   50000         /* folders in one tree: the same, and a tree of links */
#define SPEC_DEPTH_MAX     32            /* nested folders; symbolic link loops */
#define SPEC_LOADS_MAX     5             /* tries at a tree that changes while it is read */
#define YAML_DEPTH_MAX     64            /* nested collections: stack of every walker */
#define YAML_ALIAS_MAX     100           /* alias bombs: aliases in one document */
#define YAML_NODES_MAX     100000        /* nodes in one document once aliases are followed */
#define YAML_DOCUMENTS_MAX 20000         /* in one file: a separator is four bytes long */
#define DIAG_MAX           1000          /* diagnostics kept: a tree of garbage */
#define DIAG_MESSAGE_MAX   8192          /* bytes of one diagnostic: a key of a megabyte */
#define COMPARISONS_MAX    500000        /* of names for "did you mean", in one load */
#define PROMOTIONS_MAX     100           /* environments that one promotes from, through others */
#define SOURCES_MAX        50            /* environments of one promotesFrom: each is read */
#define CONFIG_FILE_MAX    (1024 * 1024)

#define NAME_MAX_      255 /* metadata.name, see design of names */
#define FILE_STEM_MAX  240 /* of it, with a suffix such as ".compose.yaml" it must fit NAME_MAX */
#define TAG_MAX        128 /* OCI distribution-spec, pulling manifests */
#define REPOSITORY_MAX 255 /* host and name together, as most clients have it */
#define PATTERN_MAX    4096
#define TEXT_MAX       4096 /* any other text in a spec */

#define ZONE_NAME_MAX   64          /* of a time zone: it becomes a part of a path */
#define ZONE_NAMES_MAX  1000        /* compared with a misspelt zone: a folder of links */
#define ZONE_FILE_MAX   (64 * 1024) /* a wrong file in the zone database */
#define ZONE_RULE_MAX   255         /* the line of such a file with the rule for later years */
#define WINDOW_TEXT_MAX 256         /* of a calendar expression, which messages repeat */
#define WINDOWS_MAX     100 /* of one environment or calendar: each is evaluated for a promotion */
/* Intervals of windows that one evaluation visits: a deny for each second beside an allow for each
 * second would be followed to the end of the calendar. */
#define WINDOW_STEPS_MAX 3000

#define HTTP_HEADERS_MAX     (64 * 1024) /* endless headers */
#define HTTP_REDIRECT_MAX    5
#define TAG_PAGE_MAX         (8 * 1024 * 1024) /* one page of tags */
#define TAG_PAGES_MAX        2000              /* endless paging */
#define TAG_LIST_SECONDS_MAX 600               /* endless paging, slowly */
#define TAGS_MAX             1000000
#define GUESS_FAMILIES_MAX   10000 /* shapes of tags: a repository where no two are alike */
#define MANIFEST_MAX         (4 * 1024 * 1024) /* OCI distribution-spec asks for at least 4 MiB */
#define MANIFEST_ENTRIES_MAX 10000             /* manifests of an index */
#define MANIFEST_CHILDREN_MAX                                                                      \
        32                   /* entries of an index that must be fetched to know their platforms */
#define VAIN_GETS_MAX      3 /* a repository that refuses HEAD and GET of each tag */
#define TOKEN_ANSWER_MAX   (64 * 1024)
#define CHALLENGE_TEXT_MAX 4096 /* realm or service of a login challenge: kept, sent in URLs */
#define SCOPE_MAX          (16 * 1024)       /* the scope that a login challenge names */
#define TOKEN_VALUE_MAX    (16 * 1024)       /* a login token: kept, and sent with every request */
#define TOKENS_KEPT_MAX    (4 * 1024 * 1024) /* bytes of the login tokens of one registry */
#define ERROR_BODY_MAX     (64 * 1024)
#define LINK_URL_MAX       (16 * 1024) /* ECR's opaque cursors are kilobytes long */
#define JSON_DEPTH_MAX     64
#define JSON_KEY_MAX       4096 /* a key of a page of tags: kept while its object is read */

#define REGEX_MATCH_LIMIT                                                                          \
        100000 /* PCRE2 match limit: a catastrophic pattern ends in milliseconds */
#define REGEX_DEPTH_LIMIT 1000
/* A slow pattern times all tags of a component: matches that may be stopped in one run, and steps
 * beyond the first hundredth of the match limit that all matches of a run may take together. */
#define REGEX_RUN_STOPS_MAX 3
#define REGEX_RUN_STEPS_MAX 50000000

#define POLL_INDEX_ARENA_MAX  ((size_t)256 * 1024 * 1024) /* names of repositories, for hooks */
#define API_CONNECTIONS_MAX   1024                        /* a client that opens all it can */
#define API_FOLLOWERS_MAX     64                          /* streams of events */
#define API_FOLLOWERS_TCP_MAX 48 /* of them over TCP: tokens keep out the unix socket */
#define API_FOLLOWERS_TENANT_MAX                                                                   \
        16                      /* with tokens of one tenant, or of all: one keeps out others      \
                                 */
#define API_IDLE_SECONDS_MAX 75 /* that move nothing; connection.c is stricter */
/* huge headers: the HTTP server scans an endless line again for every 128 bytes of it */
#define API_HEADERS_MAX (12 * 1024)
#define API_BODY_MAX    (1024 * 1024)
#define API_PLAN_MAX    (16 * 1024 * 1024) /* a tree of specs */
/* one document of it, which is parsed at once; a file of specs has SPEC_FILE_MAX */
#define PLAN_DOCUMENT_MAX    (4 * SPEC_FILE_MAX)
#define API_FIELDS_MAX       256  /* of one object: each is laid over what is stored */
#define API_LIST_MAX         1000 /* objects of one page */
#define SUGGEST_NAMES_MAX    4096 /* compared with a misspelt one: a flood of unknown names */
#define SUGGEST_RELEASES_MAX 200  /* of them releases, which are read from the database */
#define API_ERRORS_MAX       100  /* faults of a body that an answer names */
#define API_DROP_MAX         (24 * 1024 * 1024) /* of a body too large: read before it is refused */
#define API_HOOK_MAX         (256 * 1024)
/* what all requests hold together, bodies, answers and plans: many that are large, or are not read
 */
#define API_MEMORY_MAX ((size_t)64 * 1024 * 1024)
#define API_MEMORY_TCP_MAX                                                                         \
        (API_MEMORY_MAX / 8 * 7)                  /* clients of TCP keep out those of the socket */
#define API_MEMORY_HOOKS_MAX (API_MEMORY_MAX / 8) /* hooks, whose secret shows in the body only */
#define API_MEMORY_ASSURED   ((size_t)16 * 1024)  /* each may hold it, whatever others hold */
#define API_SEND_BUFFER      (128 * 1024) /* of a socket: the kernel would hold megabytes of each */
#define API_LINGERS_MAX      64 /* refused requests whose rest is dropped: sockets held open */
#define API_REQUEST_MAX      ((size_t)64 * 1024 * 1024) /* what one answer is made of */
#define API_ANSWER_MAX       ((size_t)64 * 1024 * 1024)
#define TOKEN_FILE_MAX       (1024 * 1024)
#define ACCOUNT_MAX          4096 /* a user of this machine as a directory describes it */
#define SECRET_MAX           (64 * 1024)

#define LOCK_FILE_MAX  (16 * 1024 * 1024)
#define EVENT_DATA_MAX (64 * 1024)
/* events, or entries of the audit, that one filtered request reads: a filter that fits few of
 * millions */
#define DIFF_CELLS_MAX                                                                             \
        65536 /* pairs of items: two long lists that differ everywhere, in a plan                  \
               */
#define EVENT_WINDOW_MAX 50000
/* rows of commands that are refused or fail, of one principal in a minute: a caller that may only
 * read, and fills the database with refusals */
#define AUDIT_UNACCEPTED_MAX  60
#define AUDIT_NAME_MAX        255 /* of an object as the request named it; a name that no object has */
#define PASSWD_LINES_MAX      10000 /* of /etc/passwd, read for each command: a file without end */
#define CONDITION_MESSAGE_MAX 2048
/* Tags of one repository while they are compared, with those that it no longer lists: a list of a
 * million takes 215 MiB then. The largest pass takes less than MemoryMax in relmand.service. */
#define SYNC_TAGS_MAX  (TAGS_MAX + TAGS_MAX / 4)
#define SYNC_ARENA_MAX ((size_t)120 * 1024 * 1024) /* texts of a pass that its list lacks */
#define SYNC_LARGE     200000 /* polls of more tags take turns: many such repositories */
/* passes of one registry that resolve older versions at the same time; each has all its tags in
 * memory: hundreds of repositories with many tags. The others wait without their tags. */
#define BACKGROUND_PASSES_MAX 2
/* manifests of one pass that turn out to be no image, or cannot be read: a repository of charts
 * alone, or one that lost its manifests, one request each */
#define ARTIFACTS_PER_PASS_MAX 200
#define PREVIEW_TAGS_MAX       200000 /* SYNC_TAGS_MAX, while a client waits for the answer */
#define SYNC_PAGE_MAX          ((size_t)64 * 1024 * 1024) /* stored rows that are read at once */
/* what the rules make of one tag: long patterns in a reason */
#define CLASSIFY_ARENA_MAX ((size_t)1024 * 1024)
#define CHANGES_MAX        ((size_t)128 * 1024 * 1024) /* one transaction: a load of 50,000 objects */
/* the bytes of all pages of one list: endless paging; they are not kept */
#define TAG_LIST_MAX ((size_t)160 * 1024 * 1024)
/* what is kept of one list: endless paging; a million tags with digests take 130 MiB */
#define LIST_MEMORY_MAX ((size_t)128 * 1024 * 1024)
/* All answers of registries under way, lists and manifests: many large ones at once. They have the
 * first together; one at a time may go beyond, to the second. Both are 144 MiB, below the 192 MiB
 * of MemoryHigh in relmand.service. */
#define BUDGET_TOGETHER ((size_t)16 * 1024 * 1024)
#define BUDGET_ALONE    LIST_MEMORY_MAX
/* a database that was given numbers near the end, which leaves none for the next event; a million a
 * second reach this after 285 years */
#define SEQUENCE_MAX (INT64_C(1) << 53)
