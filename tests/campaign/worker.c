/* campaign/worker.c - a bureau at work, to be killed; run.py beside this file does so.
 *
 * usage: worker SITE CASE CASE ...     a thread for each CASE, which is where it begins
 *
 * Each thread plays one case after another: write, change, ask, reply, sign with copies. Every
 * act has a key made from thread, case and step, so that a case which was broken off is played
 * again from its beginning and nothing is done twice. For each act that was acknowledged, and
 * not before, one line goes to standard output: thread, case, step, seq, number, "again" or
 * "new". A refusal is told likewise and ends the program: there is no reason for one. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "desk/desk.h"

#define THREADS_MAX 16

static const struct step {
        const char *act, *actor, *fields; /* fields: one %s for the subject, or none */
} steps[] = {
        { "write", "zhang", "{\"subject\":\"%s\"}" },
        { "change", "zhang", "{\"amount\":\"12.50\",\"subject\":\"%s\"}" },
        { "ask", "zhang", "{}" },
        { "reply", "zhang", "{}" },
        { "sign", "wang", "{\"copies\":2}" },
};

struct player {
        pthread_t thread;
        struct desk *desk;
        int n;
        long at; /* case */
};

/* One write() for a line: those of several threads do not mix. */
static void tell(const char *line, int n)
{
        if (write(STDOUT_FILENO, line, (size_t)n) != n)
                _exit(0); /* nobody listens any more */
}

static bool play_step(struct player *p, size_t i, struct str *number)
{
        struct arena *arena = arena_open();
        char subject[64], fields[160], key[64], line[256];
        struct err err = { 0 };
        struct receipt receipt = { 0 };
        snprintf(subject, sizeof(subject), "%d-%ld", p->n % 10, p->at % 100); /* at most 5 */
        snprintf(key, sizeof(key), "c-%d-%ld-%zu", p->n, p->at, i);
        const char *hole = strstr(steps[i].fields, "%s");
        if (hole == NULL)
                snprintf(fields, sizeof(fields), "%s", steps[i].fields);
        else
                snprintf(fields, sizeof(fields), "%.*s%s%s", (int)(hole - steps[i].fields),
                                steps[i].fields, subject, hole + 2);
        struct submission s = {
                .act = str_of(steps[i].act), .actor = str_of(steps[i].actor), .key = str_of(key)
        };
        if (i == 0)
                s.procedure = STR_LIT("note");
        else
                s.matter = *number;
        bool done = value_parse_json(arena, str_of(fields), &s.fields, &err) &&
                    desk_submit(arena, p->desk, &s, &receipt, &err);
        if (done)
                tell(line, snprintf(line, sizeof(line), "%d %ld %zu %lld %.*s %s\n", p->n, p->at, i,
                                           (long long)receipt.seq, STR_FMT(receipt.number),
                                           receipt.repeated ? "again" : "new"));
        else
                tell(line, snprintf(line, sizeof(line), "refused %s %s %s %.100s\n", key,
                                           err_text(err.code)->name, err.field, err.detail));
        if (done && i == 0) {
                static _Thread_local char kept[96];
                snprintf(kept, sizeof(kept), "%.*s", STR_FMT(receipt.number));
                *number = str_of(kept);
        }
        arena_close(&arena);
        return done;
}

static void *play(void *user)
{
        struct player *p = user;
        for (;; p->at++) {
                struct str number = { NULL, 0 };
                for (size_t i = 0; i < N_ELEMENTS(steps); i++)
                        if (!play_step(p, i, &number))
                                _exit(3);
        }
        return NULL;
}

int main(int argc, char **argv)
{
        struct site *site = NULL;
        struct player players[THREADS_MAX] = { 0 };
        struct err err = { 0 };
        /* Heads are signed often, so that a kill falls into that too. */
        struct desk_options options = { .checkpoint_events = 40, .checkpoint_seconds = 1 };
        struct desk *desk = NULL;
        if (argc < 3 || argc - 2 > THREADS_MAX) {
                fprintf(stderr, "usage: worker SITE CASE...\n");
                return 2;
        }
        if (!site_open(str_of(argv[1]), &site, &err) || !desk_open(site, &options, &desk, &err)) {
                printf("refused open %s %s\n", err_text(err.code)->name, err.detail);
                return 3;
        }
        for (int i = 0; i + 2 < argc; i++) {
                players[i] = (struct player){
                        .desk = desk, .n = i, .at = strtol(argv[i + 2], NULL, 10)
                };
                if (pthread_create(&players[i].thread, NULL, play, &players[i]) != 0)
                        return 3;
        }
        pthread_join(players[0].thread, NULL);
        return 0;
}
