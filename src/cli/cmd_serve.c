/* plumbline serve: the portal on a port, and the timers, until told to stop. */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/data.h"
#include "desk/cosign.h"
#include "desk/history.h"
#include "desk/timers.h"
#include "hook/courier.h"
#include "store/ids.h"
#include "web/portal.h"
#include "web/route.h"

#define TIMER_SECONDS   60
#define THREADS_MAX     64
#define CONNECTIONS_MAX 100000
#define IDLE_MAX        3600
#define COSIGN_SECONDS  5

/* What a page needs is given back and asked for again some hundred times a second: a thread keeps
 * this much of it, and the system need not hand out the same pages zeroed each time. */
#define KEPT_BYTES (4 << 20)

/* SIGTERM and SIGINT wait for sigwait(): threads that are started after this inherit it. */
static sigset_t hold_signals(void)
{
        sigset_t stops;
        sigemptyset(&stops);
        sigaddset(&stops, SIGTERM);
        sigaddset(&stops, SIGINT);
        pthread_sigmask(SIG_BLOCK, &stops, NULL);
        return stops;
}

/* A clock that goes on from a past moment, for a year that was simulated. */
struct past {
        struct moment from, started;
};

static struct moment past_now(void *user)
{
        const struct past *past = user;
        int64_t gone = desk_system_clock().now(NULL).second - past->started.second;
        return (struct moment){ past->from.second + gone };
}

/* From the given moment, or from the newest record where that is later: time never runs back. */
static bool past_open(struct cli *cli, struct past *ret, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct past_event newest;
        int64_t size, matter;
        bool found;
        if (!moment_parse(cli_option(cli, "as-of"), &ret->from, err) ||
                        !snapshot_open(site_store(cli->site), &snapshot, err) ||
                        !snapshot_int(snapshot, Q_LEDGER_SIZE, PARAMS(param_int(0)), &size, &found,
                                        err))
                return false;
        if (found && size > 0 &&
                        !history_event(cli->arena, snapshot, id_of(0, size - 1), &newest, &matter,
                                        err))
                return false;
        if (found && size > 0 && newest.leaf.time.second > ret->from.second)
                ret->from = newest.leaf.time;
        ret->started = desk_system_clock().now(NULL);
        return true;
}

static bool serve(struct cli *cli, const struct portal_options *options, const sigset_t *stops,
                struct err *err)
{
        struct portal *portal;
        struct timers *timers = NULL;
        struct cosigner *cosigner = NULL;
        struct courier *courier = NULL;
        int signal_number;
        bool is_past = options->clock.now != NULL;
        if (!portal_open(cli->site, cli->desk, options, &portal, err))
                return false;
        if (!is_past && (!timers_start(cli->desk, TIMER_SECONDS, &timers, err) ||
                                        !cosigner_start(cli->site, COSIGN_SECONDS, &cosigner,
                                                        err) ||
                                        !courier_start(cli->desk, NULL, &courier, err))) {
                cosigner_stop(&cosigner);
                timers_stop(&timers);
                portal_close(&portal);
                return false;
        }
        bool six = strchr(options->bind, ':') != NULL;
        printf("%.*s的办件公开已在 http://%s%s%s:%d/ 打开，按 Ctrl-C 停止\n",
                        STR_FMT(site_config(cli->site)->organ), six ? "[" : "", options->bind,
                        six ? "]" : "", portal_port(portal));
        fflush(stdout);
        while (sigwait(stops, &signal_number) != 0)
                continue;
        courier_stop(&courier);
        cosigner_stop(&cosigner);
        timers_stop(&timers);
        portal_close(&portal);
        printf("已停止\n");
        return true;
}

/* A number of 1 to `most` from an option; 0 = not given, the server's own. */
static bool take_number(
                struct cli *cli, const char *name, int64_t most, unsigned *ret, struct err *err)
{
        int64_t n;
        if (!cli_has(cli, name))
                return true;
        if (!cli_int(cli, name, 0, &n, err))
                return false;
        if (n < 1 || n > most)
                return err_set(err, E_USAGE, "--%s 应当在 1 与 %lld 之间", name, (long long)most);
        *ret = (unsigned)n;
        return true;
}

static bool set_log(struct cli *cli, struct err *err)
{
        struct desk_clock clock = desk_system_clock();
        enum log_level level = LOG_INFO;
        if (cli_has(cli, "log") && !log_level_parse(cli_option(cli, "log"), &level))
                return err_set(err, E_USAGE, "--log 应当是 debug、info、warn 或 error");
        log_set_level(level);
        log_set_clock(clock.now, clock.user);
        return true;
}

bool cmd_serve(struct cli *cli, struct err *err)
{
        int64_t port;
        if (cli_has(cli, "routes")) {
                struct buf buf = BUF(cli->arena);
                route_print(&buf);
                fwrite(buf.p, 1, buf.n, stdout);
                return true;
        }
        struct str bind = cli_has(cli, "bind") ? cli_option(cli, "bind") : STR_LIT("127.0.0.1");
        struct portal_options options = { .bind = str_c(cli->arena, bind),
                .notice = cli_option(cli, "notice"),
                .https = cli_has(cli, "https") };
        if (!set_log(cli, err) ||
                        !take_number(cli, "threads", THREADS_MAX, &options.threads, err) ||
                        !take_number(cli, "connections", CONNECTIONS_MAX, &options.connections,
                                        err) ||
                        !take_number(cli, "idle", IDLE_MAX, &options.idle_seconds, err) ||
                        !cli_int(cli, "port", site_config(cli->site)->port, &port, err) ||
                        !data_folder(cli->arena, cli_option(cli, "data"), &options.data, err))
                return false;
        if (port < 0 || port > 65535)
                return err_set(err, E_USAGE, "--port 应当在 0 与 65535 之间");
        options.port = (int)port;
        struct past past;
        if (cli_has(cli, "as-of")) {
                if (!past_open(cli, &past, err))
                        return false;
                options.clock = (struct desk_clock){ past_now, &past };
        }
        (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
        (void)mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
        const sigset_t stops = hold_signals();
        const struct desk_options desk = { .clock = options.clock };
        struct err closing;
        if (!desk_open(cli->site, &desk, &cli->desk, err))
                return false;
        bool ok = serve(cli, &options, &stops, err);
        if (!desk_close(&cli->desk, &closing) && ok) {
                *err = closing;
                return false;
        }
        return ok;
}
