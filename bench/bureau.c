#include "bench/bureau.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/bench.h"

const char *bureau_source(void)
{
        const char *source = getenv("PLUMBLINE_SOURCE");
        return source != NULL ? source : ".";
}

const char *path_in(const char *dir, const char *name)
{
        static char paths[4][1024];
        static int next;
        char *path = paths[next++ % 4];
        snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
        return path;
}

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *walk)
{
        (void)found, (void)kind, (void)walk;
        return remove(path);
}

void folder_remove(const char *dir)
{
        nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void file_copy(const char *from, const char *to, mode_t mode)
{
        static char bytes[1 << 20];
        int in = open(from, O_RDONLY | O_CLOEXEC);
        int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        ssize_t n;
        if (in < 0 || out < 0)
                die("cannot copy");
        while ((n = read(in, bytes, sizeof(bytes))) > 0)
                if (write(out, bytes, (size_t)n) != n)
                        die("cannot copy");
        close(in);
        if (n < 0 || close(out) != 0)
                die("cannot copy");
}

void folder_copy(const char *from, const char *to)
{
        DIR *dir = opendir(from);
        struct dirent *entry;
        if (dir == NULL || mkdir(to, 0755) != 0)
                die("cannot copy");
        while ((entry = readdir(dir)) != NULL) {
                char a[1500], b[1500];
                struct stat found;
                if (entry->d_name[0] == '.')
                        continue;
                snprintf(a, sizeof(a), "%s/%s", from, entry->d_name);
                snprintf(b, sizeof(b), "%s/%s", to, entry->d_name);
                if (stat(a, &found) != 0)
                        die("cannot copy");
                if (S_ISDIR(found.st_mode))
                        folder_copy(a, b);
                else
                        file_copy(a, b, found.st_mode);
        }
        closedir(dir);
}

double file_megabytes(const char *path)
{
        struct stat found;
        return stat(path, &found) == 0 ? (double)found.st_size / 1048576 : 0;
}

/* Counts times scale / 1000, rounded down, in place. */
static void scale_paths(struct scenario *scenario, int scale)
{
        scenario->n_matters = scenario->n_acts = 0;
        for (size_t i = 0; i < scenario->n_streams; i++)
                for (size_t k = 0; k < scenario->streams[i].n_paths; k++) {
                        struct scenario_path *path =
                                        (struct scenario_path *)&scenario->streams[i].paths[k];
                        path->count = path->count * (size_t)scale / 1000;
                        scenario->n_matters += path->count;
                        scenario->n_acts += path->count * path->n_steps;
                }
        if (scale > 0)
                return;
        scenario->n_streams = 0;
        scenario->until = scenario->from; /* the rest of its year is still to come */
}

void database_create(const char *path)
{
        const struct store_options options = { .create = true };
        struct store *store;
        struct err err;
        must(store_open(path, &options, &store, &err), &err);
        store_close(&store);
}

struct lived bureau_live(const char *folder, const char *dir, int scale)
{
        struct arena *arena = arena_open();
        struct scenario scenario;
        struct site_data data;
        struct site *site;
        struct desk *desk;
        struct lived lived = { 0 };
        struct err err;
        const struct desk_options options = { .times_given = true,
                .without_thread = true,
                .flush_behind = true,
                .checkpoint_events = 100000,
                .checkpoint_seconds = 3600 };
        must(scenario_read(arena, str_of(folder), &scenario, &err), &err);
        if (scale != 1000)
                scale_paths(&scenario, scale);
        must(site_read_data(arena, str_of(bureau_source()), &data, &err), &err);
        must(site_init(str_of(dir), &scenario.site, &data, simulate_beginning(&scenario), &err),
                        &err);
        must(site_open(str_of(dir), &site, &err), &err);
        must(desk_open(site, &options, &desk, &err), &err);
        double start = now_seconds(), cpu = cpu_seconds();
        must(simulate_run(desk, &scenario, NULL, NULL, &lived.result, &err), &err);
        must(desk_close(&desk, &err), &err);
        lived.seconds = now_seconds() - start;
        lived.cpu = cpu_seconds() - cpu;
        site_close(&site);
        if (lived.result.n_faults > 0)
                must(false, &lived.result.faults[0].err);
        arena_close(&arena);
        return lived;
}

char *database_rows(const char *database)
{
        sqlite3 *db;
        sqlite3_stmt *tables;
        char *all = calloc(1, 65536);
        if (all == NULL ||
                        sqlite3_open_v2(database, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
                        sqlite3_prepare_v2(db,
                                        "SELECT name FROM sqlite_schema WHERE type = 'table' "
                                        "AND name NOT LIKE 'search%' ORDER BY name",
                                        -1, &tables, NULL) != SQLITE_OK)
                die("cannot read the database");
        while (sqlite3_step(tables) == SQLITE_ROW) {
                char text[200];
                sqlite3_stmt *count;
                const char *name = (const char *)sqlite3_column_text(tables, 0);
                snprintf(text, sizeof(text), "SELECT count(*) FROM \"%s\"", name);
                if (sqlite3_prepare_v2(db, text, -1, &count, NULL) != SQLITE_OK)
                        die("cannot count");
                sqlite3_step(count);
                snprintf(all + strlen(all), 65536 - strlen(all), "%s %lld\n", name,
                                (long long)sqlite3_column_int64(count, 0));
                sqlite3_finalize(count);
        }
        sqlite3_finalize(tables);
        sqlite3_close(db);
        return all;
}
