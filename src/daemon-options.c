#include "daemon-options.h"

#include <errno.h>
#include <getopt.h>

#include "base/suggest.h"

enum {
        OPTION_CONFIG = 256,
        OPTION_SPECS,
        OPTION_STATE,
        OPTION_LOCKS,
        OPTION_ONCE,
        OPTION_CHECK,
        OPTION_CHECK_CONFIG,
        OPTION_PRUNE
};

/* clang-format off */
static const struct option options[] = {
        { "config",        required_argument, NULL, OPTION_CONFIG },
        { "specs",         required_argument, NULL, OPTION_SPECS },
        { "state",         required_argument, NULL, OPTION_STATE },
        { "locks",         required_argument, NULL, OPTION_LOCKS },
        { "once",          no_argument,       NULL, OPTION_ONCE },
        { "check",         no_argument,       NULL, OPTION_CHECK },
        { "check-config",  no_argument,       NULL, OPTION_CHECK_CONFIG },
        { "confirm-prune", no_argument,       NULL, OPTION_PRUNE },
        { "output",        required_argument, NULL, 'o' },
        { "help",          no_argument,       NULL, 'h' },
        { "version",       no_argument,       NULL, 'V' },
        { 0 },
};
/* clang-format on */

const char *daemon_options_help(void)
{
        return "relmand [OPTION]...\n"
               "Keeps releases of container images as sets of digests: reads specs, polls registries, writes lockfiles.\n"
               "\n"
               "  --config FILE     configuration (default " RELMAN_SYSCONFDIR
               "/relman/relmand.yaml, if it exists)\n"
               "  --specs DIR       the specs, a folder or one file\n"
               "  --state FILE      the database\n"
               "  --locks DIR       the folder of lockfiles\n"
               "  --once            reconcile everything once, print a summary, exit\n"
               "  --check           check configuration and specs, print each error, exit\n"
               "  --check-config    check only the configuration, print each error, exit\n"
               "  -o, --output F    with --check: text or json\n"
               "  --confirm-prune   let the first load remove more than half of all objects\n"
               "  -h, --help        this text\n"
               "  -V, --version     the version\n"
               "\n"
               "Exit status: 0 success; 1 something could not be reconciled, or specs have errors; 2 bad usage or\n"
               "configuration. See relmand(8), relman-spec(5), relmand.yaml(5).\n";
}

static int unknown(const char *word, Error *err)
{
        const char *names[ARRAY_SIZE(options)], *nearest;
        size_t n = 0, dashes = strspn(word, "-");

        for (; options[n].name; n++)
                names[n] = options[n].name;
        nearest = suggest_nearest(word + dashes, names, n);
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "unknown option or missing value: '%s'%s%s%s; see relmand --help", word,
                         nearest ? "; did you mean --" : "", nearest ? nearest : "",
                         nearest ? "?" : "");
}

int daemon_options_parse(int argc, char **argv, DaemonOptions *ret, Error *err)
{
        DaemonOptions parsed = { 0 };
        int c;

        opterr = 0;
        optind = 1;
        while ((c = getopt_long(argc, argv, ":o:hV", options, NULL)) >= 0) {
                switch (c) {
                case OPTION_CONFIG: parsed.config = optarg; break;
                case OPTION_SPECS: parsed.specs = optarg; break;
                case OPTION_STATE: parsed.state = optarg; break;
                case OPTION_LOCKS: parsed.locks = optarg; break;
                case OPTION_ONCE: parsed.once = true; break;
                case OPTION_CHECK: parsed.check = true; break;
                case OPTION_CHECK_CONFIG: parsed.check_config = true; break;
                case OPTION_PRUNE: parsed.confirm_prune = true; break;
                case 'h': parsed.help = true; break;
                case 'V': parsed.version = true; break;
                case 'o':
                        if (!streq(optarg, "json") && !streq(optarg, "text"))
                                return error_set(err, ERROR_INVALID, -EINVAL,
                                                 "--output is text or json, not '%s'", optarg);
                        parsed.json = streq(optarg, "json");
                        break;
                default: return unknown(argv[optind - 1], err);
                }
        }
        if (optind < argc)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "unexpected argument '%s'; see relmand --help", argv[optind]);
        if (parsed.once + parsed.check + parsed.check_config > 1)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "give only one of --once, --check and --check-config");
        *ret = parsed;
        return 0;
}
