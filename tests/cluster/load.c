/* Acts at a desk whose store is away at times, one after the other, each with a key of its
 * own; for tests/cluster/failover.py.
 *
 * usage: load SITE NAME SECONDS      "ack KEY SEQ MILLISECONDS" for each acknowledged act;
 *                                    "lost SECONDS CODE" while it is refused
 *        load SITE NAME check < ACKS hands each key in again: it must be known, with its seq
 *
 * An act that was refused is handed in again with the same key until it is done: whether the
 * first attempt had been committed makes no difference. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "desk/desk.h"

#define PAUSE_MS 20 /* before an act that was refused is handed in again */

static double seconds_now(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void stop(const char *what, const struct err *err)
{
        fprintf(stderr, "load: %s: %s %s\n", what, err_text(err->code)->name, err->detail);
        exit(1);
}

static bool hand_in(struct desk *desk, const char *key, int64_t *ret_seq, bool *ret_repeated,
                struct err *err)
{
        struct arena *arena = arena_open();
        struct member members[] = {
                { STR_LIT("id"), value_string(str_of(key)) },
                { STR_LIT("name"), value_string(STR_LIT("科室")) },
        };
        struct submission s = { .reg = STR_LIT("units"),
                .act = STR_LIT("put"),
                .by = BY_SYSTEM,
                .fields = value_context(members, N_ELEMENTS(members)),
                .key = str_of(key) };
        struct receipt receipt;
        bool done = desk_submit(arena, desk, &s, &receipt, err);
        if (done) {
                *ret_seq = receipt.seq;
                *ret_repeated = receipt.repeated;
        }
        arena_close(&arena);
        return done;
}

/* Until it is acknowledged. */
static int64_t insist(struct desk *desk, const char *key)
{
        struct err err;
        int64_t seq;
        bool repeated;
        double begun = seconds_now();
        while (!hand_in(desk, key, &seq, &repeated, &err)) {
                if (strncmp(err_text(err.code)->name, "E_STORE_", 8) != 0)
                        stop(key, &err);
                printf("lost %.3f %s\n", seconds_now() - begun, err_text(err.code)->name);
                fflush(stdout);
                usleep(PAUSE_MS * 1000);
        }
        return seq;
}

static void load(struct desk *desk, const char *name, double seconds)
{
        char key[64];
        double until = seconds_now() + seconds;
        for (int n = 0; seconds_now() < until; n++) {
                double begun = seconds_now();
                snprintf(key, sizeof(key), "%s-%d", name, n);
                int64_t seq = insist(desk, key);
                printf("ack %s %lld %.1f\n", key, (long long)seq, (seconds_now() - begun) * 1000);
                fflush(stdout);
        }
}

static void check(struct desk *desk)
{
        char key[64];
        long long seq;
        int64_t found, n = 0;
        bool repeated;
        struct err err;
        while (scanf("ack %63s %lld %*f\n", key, &seq) == 2) {
                if (!hand_in(desk, key, &found, &repeated, &err))
                        stop(key, &err);
                if (!repeated || found != seq) {
                        printf("LOST %s: acknowledged as %lld, now %lld\n", key, seq,
                                        (long long)found);
                        exit(1);
                }
                n++;
        }
        printf("all %lld acknowledged acts are there\n", (long long)n);
}

int main(int argc, char **argv)
{
        struct site *site = NULL;
        struct desk *desk = NULL;
        struct desk_options options = { .checkpoint_seconds = 5 };
        struct err err;
        if (argc != 4) {
                fprintf(stderr, "usage: load SITE NAME SECONDS|check\n");
                return 2;
        }
        if (!site_open(str_of(argv[1]), &site, &err) || !desk_open(site, &options, &desk, &err))
                stop(argv[1], &err);
        if (strcmp(argv[3], "check") == 0)
                check(desk);
        else
                load(desk, argv[2], strtod(argv[3], NULL));
        if (!desk_close(&desk, &err))
                fprintf(stderr, "load: closing: %s %s\n", err_text(err.code)->name, err.detail);
        site_close(&site);
        return 0;
}
