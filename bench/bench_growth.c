/* bench/bench_growth.c - bureaus of many sizes, made and kept, and what an act costs in each;
 * growth.py asks the pages. Also the site that peers.sh and others put load on.
 *
 * usage: PLUMBLINE_SOURCE=. bench_growth make FOLDER MATTERS   a bureau of so many (thousands)
 *        bench_growth act FOLDER [ACTS]                        one submitter, durable each time
 *
 * Prints "name value" lines. FOLDER must not exist for make; act adds matters to it. */
#include <unistd.h>

#include "bench/bench.h"
#include "bench/bureau.h"

#define ACTS_MAX 2000

static int make(const char *folder, int matters)
{
        struct lived lived = bureau_live(path_in(bureau_source(), "bench/growth"), folder, matters);
        printf("matters %zu\nacts %zu\nseconds %.1f\npeak_mb %.0f\n", lived.result.n_matters,
                        lived.result.n_acts, lived.seconds, peak_megabytes());
        return 0;
}

static struct value request(struct arena *arena)
{
        static const char text[] =
                        "{\"applicant_type\":\"自然人\",\"applicant_name\":\"林静\",\"form_wanted\":"
                        "\"纸质\",\"delivery\":\"邮寄\",\"submit_mode\":\"当面\",\"info_name\":"
                        "\"年度预算\",\"id_type\":\"居民身份证\",\"id_no\":\"350203198001010013\","
                        "\"contact_phone\":\"13900000000\",\"address\":\"增长市\"}";
        struct value fields;
        struct err err;
        must(value_parse_json(arena, str_of(text), &fields, &err), &err);
        return fields;
}

static int act(const char *folder, int n)
{
        static double times[ACTS_MAX];
        struct arena *arena = arena_open();
        struct site *site;
        struct desk *desk;
        struct err err;
        struct submission s = { .procedure = STR_LIT("foi_request"),
                .act = STR_LIT("submit"),
                .by = BY_PARTY,
                .actor = STR_LIT("applicant"),
                .unit = STR_LIT("office"),
                .fields = request(arena) };
        must(site_open(str_of(folder), &site, &err), &err);
        must(desk_open(site, &(struct desk_options){ 0 }, &desk, &err), &err);
        for (int i = -10; i < n; i++) {
                struct arena *one = arena_open();
                struct receipt receipt;
                double start = now_seconds();
                must(desk_submit(one, desk, &s, &receipt, &err), &err);
                if (i >= 0)
                        times[i] = (now_seconds() - start) * 1e3;
                arena_close(&one);
        }
        qsort(times, (size_t)n, sizeof(*times), double_cmp);
        printf("act_p50_ms %.3f\nact_p99_ms %.3f\n", times[n / 2], times[n * 99 / 100]);
        must(desk_close(&desk, &err), &err);
        site_close(&site);
        arena_close(&arena);
        return 0;
}

int main(int argc, char **argv)
{
        if (argc >= 4 && strcmp(argv[1], "make") == 0)
                return make(argv[2], number_argument(argc, argv, 3, 0));
        if (argc >= 3 && strcmp(argv[1], "act") == 0) {
                int n = number_argument(argc, argv, 3, 500);
                return act(argv[2], n < ACTS_MAX ? n : ACTS_MAX);
        }
        fprintf(stderr, "usage: bench_growth make FOLDER MATTERS | act FOLDER [ACTS]\n");
        return 2;
}
