/* fuzz/replay.c - a fuzz target over its committed corpus, as an ordinary test.
 *
 * usage: replay_NAME FOLDER [DAMAGED_COPIES]
 *
 * Every file of the folder is one TAP line: the file itself, every beginning of it
 * that ends at a line, and seeded damaged copies. An empty folder is a failure. */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define FILE_BYTES_MAX (4u << 20)

struct bytes {
        uint8_t *p;
        size_t n;
};

static bool read_file(const char *folder, const char *name, struct bytes *ret)
{
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", folder, name);
        FILE *file = fopen(path, "rb");
        if (file == NULL)
                return false;
        uint8_t *p = malloc(FILE_BYTES_MAX);
        if (p == NULL)
                abort();
        *ret = (struct bytes){ p, fread(p, 1, FILE_BYTES_MAX, file) };
        bool ok = ferror(file) == 0;
        fclose(file);
        return ok;
}

/* In a block of exactly its size, so that a sanitizer sees a read past its end. */
static void run(const uint8_t *data, size_t size)
{
        uint8_t *copy = malloc(size != 0 ? size : 1);
        if (copy == NULL)
                abort();
        if (size != 0)
                memcpy(copy, data, size);
        LLVMFuzzerTestOneInput(copy, size);
        free(copy);
}

static uint64_t random_next(uint64_t *state)
{
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        return *state * UINT64_C(2685821657736338717) >> 16;
}

/* One to four bytes overwritten, taken out or doubled; what libFuzzer does, in small. */
static void run_damaged(struct bytes whole, uint64_t *state)
{
        uint8_t *p = malloc(whole.n + 8);
        if (p == NULL)
                abort();
        size_t n = whole.n;
        memcpy(p, whole.p, n);
        for (uint64_t times = 1 + random_next(state) % 4; times > 0 && n > 0; times--) {
                size_t at = random_next(state) % n;
                switch (random_next(state) % 3) {
                case 0:
                        p[at] = (uint8_t)random_next(state);
                        break;
                case 1:
                        memmove(p + at, p + at + 1, n - at - 1);
                        n--;
                        break;
                default:
                        memmove(p + at + 1, p + at, n - at);
                        n++;
                }
        }
        run(p, n);
        free(p);
}

static void replay(struct bytes whole, int n_damaged)
{
        uint64_t state = 0x9E3779B97F4A7C15u;
        run(whole.p, whole.n);
        size_t n_beginnings = 0;
        for (size_t i = 0; i < whole.n && n_beginnings < 200; i++)
                if (whole.p[i] == '\n') {
                        run(whole.p, i);
                        n_beginnings++;
                }
        for (int i = 0; i < n_damaged; i++)
                run_damaged(whole, &state);
}

static int is_visible(const struct dirent *entry)
{
        return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
        struct dirent **entries;
        int n = argc >= 2 ? scandir(argv[1], &entries, is_visible, alphasort) : -1;
        int n_damaged = argc >= 3 ? (int)strtol(argv[2], NULL, 10) : 100;
        if (n <= 0) {
                printf("Bail out! no corpus in %s\n", argc >= 2 ? argv[1] : "(no folder given)");
                return 1;
        }
        int failed = 0;
        printf("1..%d\n", n);
        for (int i = 0; i < n; i++) {
                struct bytes whole = { NULL, 0 };
                bool ok = read_file(argv[1], entries[i]->d_name, &whole);
                if (ok)
                        replay(whole, n_damaged);
                printf("%sok %d - %s, %zu bytes\n", ok ? "" : "not ", i + 1, entries[i]->d_name,
                                whole.n);
                fflush(stdout);
                failed += !ok;
                free(whole.p);
                free(entries[i]);
        }
        free(entries);
        return failed != 0;
}
