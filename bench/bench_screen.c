/* bench/bench_screen.c - text screened per second, and whether the time is linear.
 *
 * usage: bench_screen */
#include <stdio.h>
#include <time.h>

#include "screen/detect.h"

static double seconds(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void measure(const char *name, const char *pattern)
{
        printf("%-12s", name);
        for (size_t size = 250000; size <= 4000000; size *= 4) {
                struct arena *arena = arena_open();
                struct buf buf = BUF(arena);
                const struct detect_options options = { .today = DATE_NONE };
                struct detection detection;
                struct err err;
                while (buf.n < size)
                        buf_c(&buf, pattern);
                double start = seconds();
                if (!detect_identifiers(arena, buf_str(&buf), &options, &detection, &err))
                        return;
                printf("  %5.1f MB/s", (double)buf.n / 1e6 / (seconds() - start));
                arena_close(&arena);
        }
        printf("\n");
}

int main(void)
{
        printf("%-12s  %10s  %10s  %10s\n", "", "0.25 MB", "1 MB", "4 MB");
        measure("plain",
                        "依照《中华人民共和国行政复议法》第二十八条第一款第一项的规定，本机关决定维持被申请人的行政行为。");
        measure("personal",
                        "申请人：张三，身份证11010519491231002X，手机13812345678，住厦门市思明区湖滨南路1号302室。");
        measure("digits", "1");
        measure("gaps", "1 ");
        measure("cards", "卡号4111111111111111");
        measure("streets", "路1");
        measure("streets 2", "路");
        measure("names", "申请人张");
        measure("at signs", "a.@");
        measure("sixty-two", "62");
        measure("numerals", "一");
        return 0;
}
