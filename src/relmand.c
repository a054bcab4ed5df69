/* The main program of relmand: creates the parts of the daemon, and handles signals and timers. */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "api/api.h"
#include "base/log.h"
#include "control/formats.h"
#include "daemon-config.h"
#include "daemon-notify.h"
#include "daemon-signing.h"
#include "daemon-summary.h"
#include "reconcile/reconcile.h"
#include "store/fault.h"

#define EXIT_USAGE        2
#define EXIT_NEWER_SCHEMA 78 /* EX_CONFIG: systemd does not restart the daemon */

#define STATUS_INTERVAL (10 * USEC_PER_SEC)

typedef struct Daemon {
        const Config *config;
        const DaemonOptions *options;
        sd_event *event;
        Store *store;
        Signing signing;
        HttpClient *http;
        Reconciler *reconciler;
        Api *api;
        LoopStalls stalls;
        Notifier notifier;
        bool is_reloading; /* systemd waits for READY=1 */
        sd_event_source *status_timer, *watchdog_timer;
        usec_t watchdog; /* half the watchdog interval of systemd; 0: no watchdog */
} Daemon;

/* --- status ----------------------------------------------------------------------------------- */

static int on_status_timer(sd_event_source *source, usec_t usec, void *userdata)
{
        Daemon *daemon = userdata;

        (void)usec;
        notifier_send(&daemon->notifier, NOTIFY_STATUS);
        /* if this fails, only the status line is not updated */
        (void)sd_event_source_set_time_relative(source, STATUS_INTERVAL);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* Pings the watchdog only if the loop runs and the database answers. */
static int on_watchdog(sd_event_source *source, usec_t usec, void *userdata)
{
        Daemon *daemon = userdata;
        _cleanup_(error_done) Error error = { 0 };

        (void)usec;
        if (store_probe(daemon->store, &error) < 0)
                log_error("%s; skipping the watchdog ping", error_message(&error));
        else
                notifier_send(&daemon->notifier, NOTIFY_WATCHDOG);
        /* restarts the timer, because systemd kills a daemon that sends no pings */
        (void)sd_event_source_set_time_relative(source, daemon->watchdog);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* --- signals ---------------------------------------------------------------------------------- */

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        Daemon *daemon = userdata;

        (void)source;
        log_info("stopping on signal %u", info->ssi_signo);
        notifier_send(&daemon->notifier, NOTIFY_STOPPING);
        return sd_event_exit(daemon->event, 0);
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        Daemon *daemon = userdata;

        (void)source, (void)info;
        if (daemon_config_changed(daemon->options, daemon->config))
                log_notice("the configuration has changed; it applies after "
                           "systemctl restart relmand");
        notifier_send(&daemon->notifier, NOTIFY_RELOADING);
        daemon->is_reloading = true;
        reconciler_reload(daemon->reconciler);
        return 0;
}

static void on_loaded(void *userdata)
{
        Daemon *daemon = userdata;

        if (daemon->is_reloading)
                notifier_send(&daemon->notifier, NOTIFY_READY);
        daemon->is_reloading = false;
}

static int add_signals(Daemon *daemon)
{
        sigset_t mask;
        int r;

        (void)sigemptyset(&mask);
        (void)sigaddset(&mask, SIGTERM);
        (void)sigaddset(&mask, SIGINT);
        (void)sigaddset(&mask, SIGHUP);
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return -errno;
        (void)signal(SIGPIPE, SIG_IGN);
        r = sd_event_add_signal(daemon->event, NULL, SIGTERM, on_stop, daemon);
        if (r >= 0)
                r = sd_event_add_signal(daemon->event, NULL, SIGINT, on_stop, daemon);
        return r < 0 ? r : sd_event_add_signal(daemon->event, NULL, SIGHUP, on_reload, daemon);
}

static int add_timers(Daemon *daemon)
{
        uint64_t watchdog = 0;
        int r;

        r = notifier_init(&daemon->notifier, daemon->event, daemon->reconciler);
        if (r < 0)
                return r;
        r = sd_event_add_time_relative(daemon->event, &daemon->status_timer, CLOCK_MONOTONIC,
                                       STATUS_INTERVAL, USEC_PER_SEC, on_status_timer, daemon);
        if (r < 0 || sd_watchdog_enabled(0, &watchdog) <= 0)
                return r;
        daemon->watchdog = watchdog / 2;
        return sd_event_add_time_relative(daemon->event, &daemon->watchdog_timer, CLOCK_MONOTONIC,
                                          0, 100 * USEC_PER_MSEC, on_watchdog, daemon);
}

/* --- database --------------------------------------------------------------------------------- */

static void on_renewed(void *userdata, const Error *failure)
{
        Daemon *daemon = userdata;

        if (failure)
                (void)sd_event_exit(daemon->event, 0); /* run() reports the reason */
        else
                log_warning(
                        "database '%s' was closed and read again after the disk had failed; all acknowledged changes are there",
                        daemon->config->state_path);
}

/* --- modes ------------------------------------------------------------------------------------ */

static int make_parts(Daemon *daemon, Error *err)
{
        const Config *config = daemon->config;
        const StoreOptions store = { .path = config->state_path,
                                     .may_rebuild = true,
                                     .now = time_wall(),
                                     .watch = { on_renewed, daemon } };
        const ReconcileOptions options = {
                .specs_path = config->specs_path,
                .specs_git = config->specs_git.place.line > 0 ? &config->specs_git : NULL,
                .locks_path = config->locks_path,
                .state_path = config->state_path,
                .lock_formats = formats_of_names(&config->lock_formats),
                .outputs = &config->outputs,
                .check_runs = &config->checks,
                .grants = &config->credentials,
                .events = { .receivers = &config->receivers,
                            .credentials = getenv("CREDENTIALS_DIRECTORY"),
                            .journal = config->events_journal,
                            .keep = config->events_keep },
                .signing = config->signing.credential ? &daemon->signing : NULL,
                .credentials = getenv("CREDENTIALS_DIRECTORY"),
                .poll_interval = config->poll_interval,
                .poll_jitter = (unsigned)config->poll_jitter,
                .recheck_interval = config->poll_recheck_interval,
                .once = daemon->options->once,
                .confirm_prune = daemon->options->confirm_prune
        };
        int r;

        r = sd_event_default(&daemon->event);
        if (r >= 0)
                r = add_signals(daemon);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        r = daemon_read_keys(config, options.credentials, &daemon->signing, err);
        if (r < 0)
                return r;
        r = store_open(&store, &daemon->store, err);
        if (r >= 0 && store_notice(daemon->store))
                log_warning("%s", store_notice(daemon->store));
        if (r >= 0)
                r = http_client_new(daemon->event, "relman/" PACKAGE_VERSION, &daemon->http, err);
        return r < 0 ? r
                     : reconciler_new(daemon->event, daemon->store, daemon->http, &options,
                                      &daemon->reconciler, err);
}

static int open_api(Daemon *daemon, Error *err)
{
        const Config *config = daemon->config;
        const ApiOptions options = { .http.socket = config->api_socket,
                                     .http.may_fail = streq(config->api_socket, RELMAN_SOCKET),
                                     .http.listen = config->api_listen,
                                     .http.hooks_socket = config->api_hooks_socket,
                                     .http.hooks_listen = config->api_hooks_listen,
                                     .http.socket_roles = &config->api_socket_roles,
                                     .http.people = &config->api_people,
                                     .http.proxy_auth = &config->api_proxy_auth,
                                     .http.state_path = config->state_path,
                                     .http.token_file = config->api_token_file,
                                     .http.cert_file = config->api_cert_file,
                                     .http.key_file = config->api_key_file,
                                     .web = config->api_web,
                                     .credentials = getenv("CREDENTIALS_DIRECTORY"),
                                     .signing = &daemon->signing,
                                     .stalls = &daemon->stalls };

        return daemon->options->once
                       ? 0
                       : api_new(daemon->event, &options, daemon->reconciler, &daemon->api, err);
}

static int run(Daemon *daemon, Error *err)
{
        int r;

        r = make_parts(daemon, err);
        if (r >= 0)
                r = reconciler_start(daemon->reconciler, err);
        if (r >= 0)
                r = open_api(daemon, err);
        if (r >= 0)
                r = store_is_lost(daemon->store, err);
        if (r < 0)
                return r;
        r = add_timers(daemon);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        reconciler_watch_loads(daemon->reconciler, on_loaded, daemon);
        notifier_send(&daemon->notifier, NOTIFY_READY);
        r = loop_run(daemon->event, &daemon->stalls);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        r = store_is_lost(daemon->store, err);
        return r >= 0 && daemon->options->once ? daemon_summarize(daemon->reconciler) : r;
}

static void daemon_done(Daemon *daemon)
{
        sd_event_source_disable_unref(daemon->status_timer);
        sd_event_source_disable_unref(daemon->watchdog_timer);
        notifier_done(&daemon->notifier);
        api_free(daemon->api);
        reconciler_free(daemon->reconciler);
        http_client_free(daemon->http);
        store_close(daemon->store);
        trust_keys_done(&daemon->signing.keys);
        sd_event_unref(daemon->event);
}

/* --- start ------------------------------------------------------------------------------------ */

/* A daemon whose configuration is valid may fail for a temporary reason, such as specs that are not
 * mounted yet. systemd restarts it after EXIT_UNRECONCILED, but not after EXIT_USAGE. */
static int exit_status(const Error *error, bool is_daemon)
{
        if (store_fault(error) == STORE_FAULT_NEWER)
                return EXIT_NEWER_SCHEMA;
        if (is_daemon)
                return EXIT_UNRECONCILED;
        return error->kind == ERROR_INVALID || error->kind == ERROR_NOT_FOUND ||
                               error->kind == ERROR_CONFLICT
                       ? EXIT_USAGE
                       : EXIT_UNRECONCILED;
}

int main(int argc, char **argv)
{
        static const LogLevel levels[] = { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE,
                                           LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_(error_done) Error error = { 0 };
        DaemonOptions options = { 0 };
        Daemon daemon = { .options = &options };
        int r;

        log_open("relmand", LOG_LEVEL_INFO);
        r = daemon_options_parse(argc, argv, &options, &error);
        if (r >= 0 && (options.help || options.version)) {
                (void)fputs(options.help ? daemon_options_help() : "relmand " PACKAGE_VERSION "\n",
                            stdout);
                return 0;
        }
        if (r >= 0)
                r = daemon_configure(&options, &config, &error);
        if (r >= 0) {
                log_set_level(levels[config->log_level]);
                log_set_times(!options.check && !options.check_config);
                daemon.config = config;
                if (options.check)
                        r = daemon_check(config, options.json, &error);
                else if (!options.check_config)
                        r = run(&daemon, &error);
                daemon_done(&daemon);
        }
        if (r >= 0)
                return r;
        log_error("%s", error_message(&error));
        return exit_status(&error, config && !options.once && !options.check);
}
