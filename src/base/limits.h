#pragma once

/* Every bound on what comes from outside, each with the attack or accident it stops. */

/* --- specs and other files -------------------------------------------------------------------- */

#define SPEC_FILE_MAX      (1024 * 1024) /* bytes of a spec file: a document that fills memory */
#define SPEC_TREE_MAX      100000        /* files in one tree: a wrong path such as / */
#define SPEC_FOLDERS_MAX   50000         /* folders in one tree: the same, and a tree of links */
#define SPEC_DEPTH_MAX     32            /* nested folders: loops of symbolic links */
#define SPEC_LOADS_MAX     5             /* attempts to load a tree that changes each time */
#define YAML_DEPTH_MAX     64            /* nested collections: recursion that fills the stack */
#define YAML_ALIAS_MAX     100           /* aliases in one document: alias bombs */
#define YAML_NODES_MAX     100000        /* nodes of one document with its aliases expanded */
#define YAML_DOCUMENTS_MAX 20000         /* documents in one file: a file of separators */
#define DIAG_MAX           1000          /* diagnostics that are kept: a tree of garbage */
#define DIAG_MESSAGE_MAX   8192          /* bytes of one diagnostic: a key of a megabyte */
#define COMPARISONS_MAX    500000        /* name comparisons for "did you mean": wrong names */
#define PROMOTIONS_MAX     100 /* environments in a row, each promoting from the one before */
#define SOURCES_MAX        50  /* environments of one promotesFrom, each of which is read */
#define CALENDARS_MAX      100 /* of one tenant: a promotion evaluates all that apply */
/* bytes of the index of labels: limits a tree with very many labels */
#define SELECTION_MEMORY_MAX ((size_t)256 * 1024 * 1024)
#define CONFIG_FILE_MAX      (1024 * 1024)

#define NAME_MAX_          255 /* bytes of metadata.name */
#define FILE_STEM_MAX      240 /* bytes of a name that files have: with a suffix it fits NAME_MAX */
#define TAG_MAX            128 /* bytes of a tag: OCI distribution-spec, pulling manifests */
#define REPOSITORY_MAX     255 /* bytes of host and path together, as in most clients */
#define PATTERN_MAX        4096
#define KNOWN_PATTERNS_MAX 1024 /* patterns that one load remembers as valid: limits memory */
#define TEXT_MAX           4096 /* bytes of any other text in a spec */

/* --- calendars -------------------------------------------------------------------------------- */

/* zone names compared with a misspelt one: limits a folder with a loop of links */
#define ZONE_NAMES_MAX  1000
#define ZONE_NAME_MAX   64          /* bytes of the name of a time zone, which is part of a path */
#define ZONE_FILE_MAX   (64 * 1024) /* bytes of a zone: a wrong file in the zone database */
#define ZONE_RULE_MAX   255         /* bytes of the line of a zone with the rule for later years */
#define WINDOW_TEXT_MAX 256         /* bytes of a calendar expression, which messages repeat */
#define WINDOWS_MAX     100         /* of one environment or calendar: a promotion evaluates all */
/* Days that one evaluation of windows compares; evaluating a window counts as 100. Windows that
 * allow and deny in turn each second would be followed to the end of the calendar, and windows of
 * rare days would be searched through centuries. */
#define WINDOW_WORK_MAX      3000000
#define ZONE_SUGGESTIONS_MAX 1 /* for one document: each suggestion reads the zone database */

/* --- answers of registries -------------------------------------------------------------------- */

#define HTTP_HEADERS_MAX      (64 * 1024) /* bytes of the headers of an answer */
#define HTTP_REDIRECT_MAX     5
#define TAG_PAGE_MAX          (8 * 1024 * 1024) /* bytes of one page of tags */
#define TAG_PAGES_MAX         2000              /* pages of one tag list: endless paging */
#define TAG_LIST_SECONDS_MAX  600               /* time for one tag list: slow endless paging */
#define TAGS_MAX              1000000
#define GUESS_FAMILIES_MAX    10000             /* forms of tags: each tag has another form */
#define MANIFEST_MAX          (4 * 1024 * 1024) /* bytes: minimum of the OCI distribution-spec */
#define MANIFEST_ENTRIES_MAX  10000             /* entries of an index */
#define MANIFEST_CHILDREN_MAX 32                /* entries that are fetched for their platforms */
#define VAIN_GETS_MAX         3 /* in a row: a registry that refuses HEAD and GET of each tag */
#define TOKEN_ANSWER_MAX      (64 * 1024)
#define CHALLENGE_TEXT_MAX    4096              /* bytes of realm or service in a login challenge */
#define SCOPE_MAX             (16 * 1024)       /* bytes of the scope in a login challenge */
#define TOKEN_VALUE_MAX       (16 * 1024)       /* bytes of a login token: sent in each request */
#define TOKENS_KEPT_MAX       (4 * 1024 * 1024) /* bytes of all login tokens of one registry */
#define ERROR_BODY_MAX        (64 * 1024)
#define LINK_URL_MAX          (16 * 1024) /* bytes of a URL of a page; ECR's cursors are long */
#define JSON_DEPTH_MAX        64
#define JSON_KEY_MAX          4096 /* bytes of a key, which is kept while its object is read */

/* --- patterns --------------------------------------------------------------------------------- */

#define REGEX_MATCH_LIMIT 100000 /* PCRE2 match limit: a pattern that backtracks for hours */
#define REGEX_DEPTH_LIMIT 1000
/* A run matches the patterns of a component against all its tags. STOPS: matches of a run that may
 * reach the match limit. STEPS: steps of all matches of a run together. The first hundredth of the
 * match limit is free for each match. */
#define REGEX_RUN_STOPS_MAX 3
#define REGEX_RUN_STEPS_MAX 50000000

/* --- requests of clients ---------------------------------------------------------------------- */

#define POLL_INDEX_ARENA_MAX ((size_t)256 * 1024 * 1024) /* names of repositories, for hooks */
#define API_CONNECTIONS_MAX  1024 /* open connections: a client that opens as many as it can */
/* Event streams: all, those over TCP, and those with tokens of one tenant. The smaller limits keep
 * places for the unix socket and for other tenants. */
#define API_FOLLOWERS_MAX        64
#define API_FOLLOWERS_TCP_MAX    48
#define API_FOLLOWERS_TENANT_MAX 16
/* Requests that wait for a lockfile to change: all, those over TCP, and those with tokens of one
 * tenant. A client could open as many as it can, and keep them. */
#define API_HELD_MAX         256
#define API_HELD_TCP_MAX     192
#define API_HELD_TENANT_MAX  64
#define API_HELD_SECONDS_MAX 300 /* of one request */
#define API_IDLE_SECONDS_MAX 75  /* without any data; connection.c has stricter limits */
/* bytes of a head: the HTTP server scans an endless line again for every 128 bytes of it */
#define API_HEADERS_MAX (12 * 1024)
#define API_BODY_MAX    (1024 * 1024)
#define API_PLAN_MAX    (16 * 1024 * 1024) /* bytes of the body of a plan: a tree of specs */
/* bytes of one document of a plan, which is parsed at once; a spec file has SPEC_FILE_MAX */
#define PLAN_DOCUMENT_MAX    (4 * SPEC_FILE_MAX)
#define API_FIELDS_MAX       256  /* members of a body: each is merged into the stored document */
#define API_LIST_MAX         1000 /* objects on one page of a list */
#define SUGGEST_NAMES_MAX    4096 /* names compared with a misspelt one, for each unknown name */
#define SUGGEST_RELEASES_MAX 200  /* releases among them, which are read from the database */
#define API_ERRORS_MAX       100  /* faults of a body that an answer lists */
#define API_DROP_MAX         (24 * 1024 * 1024) /* bytes of a too large body, read and dropped */
#define API_HOOK_MAX         (256 * 1024)
/* Memory of all requests together: bodies, answers and plans that are large, or answers that are
 * not read. TCP has a part of it, so that its clients cannot block those of the unix socket. Hooks
 * have another part: some prove themselves by a signature of the body, which is read before.
 * ASSURED is what each request gets in any case. */
#define API_MEMORY_MAX       ((size_t)64 * 1024 * 1024)
#define API_MEMORY_TCP_MAX   (API_MEMORY_MAX / 8 * 7)
#define API_MEMORY_HOOKS_MAX (API_MEMORY_MAX / 8)
#define API_MEMORY_ASSURED   ((size_t)16 * 1024)
#define API_SEND_BUFFER      (128 * 1024) /* bytes of a socket: the kernel's default is megabytes */
#define API_LINGERS_MAX      64           /* sockets of refused requests whose rest is dropped */
#define API_REQUEST_MAX      ((size_t)64 * 1024 * 1024) /* memory of one request */
#define API_ANSWER_MAX       ((size_t)64 * 1024 * 1024)
#define TOKEN_FILE_MAX       (1024 * 1024)
/* Bytes of an account: of a line of /etc/passwd, and as a directory service describes it. */
#define ACCOUNT_MAX            4096
#define ACCOUNT_OF_SERVICE_MAX ((size_t)ACCOUNT_MAX * 256)
#define SECRET_MAX             (64 * 1024)

#define LOCK_FILE_MAX  (16 * 1024 * 1024)
#define EVENT_DATA_MAX (64 * 1024)
#define DIFF_CELLS_MAX 65536 /* pairs of items that a plan compares: lists without equal items */
/* events or audit entries that one filtered request reads: a filter that matches few of millions */
#define EVENT_WINDOW_MAX 50000
/* Audit rows of refused and failed commands of one principal in a minute: a client with role read
 * that fills the database with refusals. */
#define AUDIT_UNACCEPTED_MAX 60
/* A message of an approval or rejection: it is stored, and part of each message about its gate. */
#define APPROVAL_MESSAGE_MAX  1000
#define PERSONS_MAX           1000 /* of one list: each promotion and poll of the status reads them */
#define PERSON_SIZE_MAX       255   /* bytes of a person's name */
#define AUDIT_NAME_MAX        255   /* bytes of a name in the audit that no object has */
#define PASSWD_LINES_MAX      10000 /* lines of /etc/passwd, which each command reads */
#define CONDITION_MESSAGE_MAX 2048

/* --- polls ------------------------------------------------------------------------------------ */

/* Tags of one repository in a comparison, including those that it no longer lists. A list of a
 * million then takes 215 MiB. The largest pass takes less than MemoryMax in relmand.service. */
#define SYNC_TAGS_MAX  (TAGS_MAX + TAGS_MAX / 4)
#define SYNC_ARENA_MAX ((size_t)120 * 1024 * 1024) /* texts of a pass that are not in its list */
#define SYNC_LARGE     200000 /* tags of a large poll; large polls run one after another */
/* Passes of one registry that resolve older versions at the same time: hundreds of repositories
 * with many tags. Each has all its tags in memory; others wait without their tags. */
#define BACKGROUND_PASSES_MAX 2
/* Manifests of one pass that are not images or cannot be read, one request each: a repository that
 * has only charts, or that lost its manifests. */
#define ARTIFACTS_PER_PASS_MAX 200
#define PREVIEW_TAGS_MAX       200000 /* SYNC_TAGS_MAX of a plan, for which a client waits */
#define SYNC_PAGE_MAX          ((size_t)64 * 1024 * 1024) /* stored rows that are read at once */
#define CLASSIFY_ARENA_MAX     ((size_t)1024 * 1024) /* one tag's decision: a pattern in a reason */
#define CHANGES_MAX            ((size_t)128 * 1024 * 1024) /* a load of 50,000 objects */
/* bytes of all pages of one list, which are not kept: endless paging */
#define TAG_LIST_MAX ((size_t)160 * 1024 * 1024)
/* memory of one list: endless paging; a million tags with digests take 130 MiB */
#define LIST_MEMORY_MAX ((size_t)128 * 1024 * 1024)
/* Memory of all answers of registries in progress: many large lists and manifests at once. They
 * share TOGETHER. One at a time may exceed it, up to ALONE. The sum is 144 MiB, below the 192 MiB
 * of MemoryHigh in relmand.service. */
#define BUDGET_TOGETHER ((size_t)16 * 1024 * 1024)
#define BUDGET_ALONE    LIST_MEMORY_MAX
/* Greatest number of an event: a forged database whose last number leaves none for the next event.
 * A million events a second reach this after 285 years. */
#define SEQUENCE_MAX (INT64_C(1) << 53)
