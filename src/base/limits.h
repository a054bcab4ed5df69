#pragma once

/* Limits on everything that comes from outside. A comment says what is counted and, after
 * "against", which attack or accident the limit stops. */

/* --- specs and other files -------------------------------------------------------------------- */

#define SPEC_FILE_MAX      (1024 * 1024) /* bytes of a spec file, against huge documents */
#define SPEC_TREE_MAX      100000        /* files in one tree, against a wrong path such as / */
#define SPEC_FOLDERS_MAX   50000         /* folders in one tree, against trees of links */
#define SPEC_DEPTH_MAX     32            /* nested folders, against loops of symbolic links */
#define SPEC_LOADS_MAX     5             /* attempts to load a tree that changes meanwhile */
#define YAML_DEPTH_MAX     64            /* nested collections, against deep recursion */
#define YAML_ALIAS_MAX     100           /* aliases in one document, against alias bombs */
#define YAML_NODES_MAX     100000        /* nodes of one document, with its aliases expanded */
#define YAML_DOCUMENTS_MAX 20000         /* documents in one file, against separators alone */
#define DIAG_MAX           1000          /* diagnostics that are kept, if each line is wrong */
#define DIAG_MESSAGE_MAX   8192          /* bytes of one message, which may quote a huge key */
#define COMPARISONS_MAX    500000        /* comparisons for "did you mean" with wrong names */
/* environments in a row, each of which promotes from the one before */
#define PROMOTIONS_MAX 100
#define SOURCES_MAX    50  /* environments in one promotesFrom; a promotion reads each */
#define CALENDARS_MAX  100 /* calendars of one tenant; a promotion evaluates all that apply */
/* bytes of the index of labels, against a tree with millions of labels */
#define SELECTION_MEMORY_MAX ((size_t)256 * 1024 * 1024)
#define CONFIG_FILE_MAX      (1024 * 1024)

#define NAME_MAX_          255 /* bytes of metadata.name */
#define FILE_STEM_MAX      240 /* bytes of a name in file names: with a suffix it fits NAME_MAX */
#define TAG_MAX            128 /* bytes of a tag: OCI distribution-spec, pulling manifests */
#define REPOSITORY_MAX     255 /* bytes of host and path together; most clients have this limit */
#define PATTERN_MAX        4096
#define KNOWN_PATTERNS_MAX 1024 /* valid patterns that one load remembers */
#define TEXT_MAX           4096 /* bytes of any other text in a spec */

/* --- calendars -------------------------------------------------------------------------------- */

/* zone names compared with a misspelt one, against a folder with a loop of links */
#define ZONE_NAMES_MAX 1000
#define ZONE_NAME_MAX  64          /* bytes of the name of a time zone, which is part of a path */
#define ZONE_FILE_MAX  (64 * 1024) /* bytes of a zone, against a wrong file in the zone database */
/* bytes of the rule for later years at the end of a zone file */
#define ZONE_RULE_MAX   255
#define WINDOW_TEXT_MAX 256 /* bytes of a calendar expression, which messages repeat */
/* windows of one environment or calendar; a promotion evaluates all */
#define WINDOWS_MAX 100
/* Cost of one evaluation of windows: each day that it compares counts 1, each window that it
 * evaluates 100. Otherwise windows that allow and deny every other second would be followed until
 * 2199, and windows on rare days would be searched through centuries. */
#define WINDOW_WORK_MAX      3000000
#define ZONE_SUGGESTIONS_MAX 1 /* suggestions for one document; each reads the zone database */

/* --- answers of registries -------------------------------------------------------------------- */

#define HTTP_HEADERS_MAX      (64 * 1024) /* bytes of the headers of an answer */
#define HTTP_REDIRECT_MAX     5
#define TAG_PAGE_MAX          (8 * 1024 * 1024) /* bytes of one page of tags */
#define TAG_PAGES_MAX         2000              /* pages of one tag list, against endless paging */
#define TAG_LIST_SECONDS_MAX  600               /* time for one tag list, against slow paging */
#define TAGS_MAX              1000000
#define GUESS_FAMILIES_MAX    10000             /* families of tags, against tags that all differ */
#define MANIFEST_MAX          (4 * 1024 * 1024) /* bytes; the OCI distribution-spec requires this */
#define MANIFEST_ENTRIES_MAX  10000             /* entries of an index */
#define MANIFEST_CHILDREN_MAX 32                /* entries that are fetched for their platforms */
#define IMAGES_UNANSWERED_MAX 3 /* platforms without an answer; each waits for timeouts */
/* refused GETs in a row, against a registry that refuses HEAD and GET of each tag */
#define VAIN_GETS_MAX      3
#define TOKEN_ANSWER_MAX   (64 * 1024)
#define CHALLENGE_TEXT_MAX 4096              /* bytes of realm or service in a login challenge */
#define SCOPE_MAX          (16 * 1024)       /* bytes of the scope in a login challenge */
#define TOKEN_VALUE_MAX    (16 * 1024)       /* bytes of a login token, which each request sends */
#define TOKENS_KEPT_MAX    (4 * 1024 * 1024) /* bytes of all login tokens of one registry */
#define ERROR_BODY_MAX     (64 * 1024)
#define LINK_URL_MAX       (16 * 1024) /* bytes of the URL of the next page; ECR's are long */
#define JSON_DEPTH_MAX     64
#define JSON_KEYS_MAX      150000 /* keys of large objects in a document: each is hashed and kept */
#define JSON_KEY_MAX       4096   /* bytes of a key, which is kept while its object is read */

/* --- patterns --------------------------------------------------------------------------------- */

#define REGEX_MATCH_LIMIT 100000 /* PCRE2 match limit, against endless backtracking */
#define REGEX_DEPTH_LIMIT 1000
/* A run matches the patterns of a component against all its tags. REGEX_RUN_STOPS_MAX limits how
 * many of its matches may reach the match limit. REGEX_RUN_STEPS_MAX limits the steps of all its
 * matches together; a match that needs less than a hundredth of the match limit costs nothing. */
#define REGEX_RUN_STOPS_MAX 3
#define REGEX_RUN_STEPS_MAX 50000000

/* --- requests of clients ---------------------------------------------------------------------- */

#define POLL_INDEX_ARENA_MAX ((size_t)256 * 1024 * 1024) /* bytes of names that hooks look up */
#define API_CONNECTIONS_MAX  1024 /* open connections, against clients that open very many */
/* Open event streams: in total, over TCP, and with tokens of one tenant. The smaller limits leave
 * some for the unix socket and for other tenants. */
#define API_FOLLOWERS_MAX        64
#define API_FOLLOWERS_TCP_MAX    48
#define API_FOLLOWERS_TENANT_MAX 16
/* Requests that wait for a lockfile to change: in total, over TCP, and with tokens of one tenant.
 * Otherwise one client could use up all connections. */
#define API_HELD_MAX         256
#define API_HELD_TCP_MAX     192
#define API_HELD_TENANT_MAX  64
#define API_HELD_SECONDS_MAX 300 /* waiting time of one request */
#define API_IDLE_SECONDS_MAX 75  /* time without any data; connection.c has stricter limits */
/* bytes of the headers of a request: for every 128 bytes of an endless line, the HTTP library scans
 * the complete line again */
#define API_HEADERS_MAX (12 * 1024)
#define API_BODY_MAX    (1024 * 1024)
#define API_PLAN_MAX    (16 * 1024 * 1024) /* bytes of the body of a plan: a tree of specs */
/* bytes of one document of a plan, which is parsed in one turn; the limit of a file is
 * SPEC_FILE_MAX */
#define PLAN_DOCUMENT_MAX    (4 * SPEC_FILE_MAX)
#define API_FIELDS_MAX       256  /* members of a body; each is merged into the stored document */
#define API_LIST_MAX         1000 /* objects on one page of a list */
#define SUGGEST_NAMES_MAX    4096 /* names compared with an unknown one */
#define SUGGEST_RELEASES_MAX 200  /* releases among these names; each is read from the database */
#define API_ERRORS_MAX       100  /* errors in a body that an answer lists */
/* bytes of a too large body that are read and dropped */
#define API_DROP_MAX (24 * 1024 * 1024)
#define API_HOOK_MAX (256 * 1024)
/* Memory of all requests together: large bodies, plans and answers, or answers that clients do not
 * read. Requests over TCP share API_MEMORY_TCP_MAX, so that they leave memory for the unix socket.
 * Hooks share API_MEMORY_HOOKS_MAX, because the body of some is read before its signature is
 * checked. Each request gets API_MEMORY_ASSURED in any case. */
#define API_MEMORY_MAX       ((size_t)64 * 1024 * 1024)
#define API_MEMORY_TCP_MAX   (API_MEMORY_MAX / 8 * 7)
#define API_MEMORY_HOOKS_MAX (API_MEMORY_MAX / 8)
#define API_MEMORY_ASSURED   ((size_t)16 * 1024)
#define API_SEND_BUFFER      (128 * 1024) /* bytes that a socket buffers; by default megabytes */
/* sockets of refused requests, of which the rest is read and dropped */
#define API_LINGERS_MAX 64
#define API_REQUEST_MAX ((size_t)64 * 1024 * 1024) /* memory of one request */
#define API_ANSWER_MAX  ((size_t)64 * 1024 * 1024)
#define TOKEN_FILE_MAX  (1024 * 1024)
/* Bytes of the description of an account: in /etc/passwd, and from a directory service. */
#define ACCOUNT_MAX            4096
#define ACCOUNT_OF_SERVICE_MAX ((size_t)ACCOUNT_MAX * 256)
#define SECRET_MAX             (64 * 1024)

#define LOCK_FILE_MAX  (16 * 1024 * 1024)
#define EVENT_DATA_MAX (64 * 1024)
#define DIFF_CELLS_MAX 65536 /* pairs of items that a plan compares, against long lists */
/* events or audit entries that one request reads, against a filter that matches few of millions */
#define EVENT_WINDOW_MAX 50000
/* Audit rows of refused and failed commands of one principal in a minute: a client with role read
 * that fills the database with refusals. */
#define AUDIT_UNACCEPTED_MAX 60
/* Bytes of the message of an approval, a rejection or the report of a check. The message is stored,
 * and each message about its gate contains it. */
#define REPORT_MESSAGE_MAX 1000
/* checks of one environment: each evaluation reads the results of all */
#define CHECKS_MAX 32
/* A longer time-out is a mistake: the release would keep the environment for that time. */
#define CHECK_TIMEOUT_MAX (30 * USEC_PER_DAY)
/* bytes of the URL in the report of a check, which messages about its gate contain */
#define CHECK_EVIDENCE_MAX 500
/* persons in one list; each promotion and each status request reads all */
#define PERSONS_MAX           1000
#define GROUPS_NAMED_MAX      50    /* groups in one list of persons: a check visits each member */
#define PERSON_SIZE_MAX       255   /* bytes of a person's name */
#define AUDIT_NAME_MAX        255   /* bytes of a name in the audit that belongs to no object */
#define PASSWD_LINES_MAX      10000 /* lines of /etc/passwd, which each command reads */
#define CONDITION_MESSAGE_MAX 2048

/* --- polls ------------------------------------------------------------------------------------ */

/* Tags of one repository in a poll, including those that the registry no longer lists. A million
 * tags take 215 MiB. The largest poll takes less than MemoryMax in relmand.service. */
#define SYNC_TAGS_MAX  (TAGS_MAX + TAGS_MAX / 4)
#define SYNC_ARENA_MAX ((size_t)120 * 1024 * 1024) /* bytes of a poll's texts, without its list */
/* a poll with more tags is large; only one large poll runs at a time, and only it reads its list */
#define SYNC_LARGE 200000
/* Tags of all smaller polls together, which have them in memory: hundreds of repositories just
 * below SYNC_LARGE. A poll that does not fit waits. A poll of at most SYNC_SMALL tags never waits:
 * the number of polls of a registry bounds these. */
#define SYNC_TOGETHER 300000
#define SYNC_SMALL    1000
/* Polls of one registry that resolve older versions at the same time: hundreds of repositories with
 * many tags. Each of these polls has all its tags in memory; those that wait have none. */
#define BACKGROUND_PASSES_MAX 2
/* Manifests in one poll that are not images or cannot be read, each of which takes a request: a
 * repository that has only charts, or has lost its manifests. */
#define ARTIFACTS_PER_PASS_MAX 200
#define PREVIEW_TAGS_MAX       200000 /* SYNC_TAGS_MAX of a plan; less, as a client waits */
#define REPLAY_DAYS_MAX        366    /* days of a replay (plan --replay) */
#define REPLAY_RELEASES_MAX    1000   /* of one stream in a replay, which compares each pair */
#define SYNC_PAGE_MAX          ((size_t)64 * 1024 * 1024)  /* bytes of rows that are read at once */
#define CLASSIFY_ARENA_MAX     ((size_t)1024 * 1024)       /* bytes of the decision about one tag */
#define CHANGES_MAX            ((size_t)128 * 1024 * 1024) /* bytes; enough for 50,000 objects */
#define TAG_LIST_MAX           ((size_t)160 * 1024 * 1024) /* bytes of all pages of one list */
/* bytes of one list, against endless paging. A million tags with digests take about 120 MiB. */
#define LIST_MEMORY_MAX ((size_t)128 * 1024 * 1024)
/* Memory of all answers of registries in progress: many large lists and manifests at once. All
 * answers share BUDGET_TOGETHER. One at a time may take more, up to BUDGET_ALONE. The sum is 144
 * MiB, less than the 192 MiB of MemoryHigh in relmand.service. */
#define BUDGET_TOGETHER ((size_t)16 * 1024 * 1024)
#define BUDGET_ALONE    LIST_MEMORY_MAX
/* Largest number of an event: a forged database may have a last number that leaves none for the
 * next event. A million events a second reach this after 285 years. */
#define SEQUENCE_MAX (INT64_C(1) << 53)
