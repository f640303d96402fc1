#include "bench/bureau.h"

#include <sqlite3.h>
#include <sys/stat.h>

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

static void run_command(const char *command)
{
        if (system(command) != 0)
                die(command);
}

void folder_remove(const char *dir)
{
        char command[2200];
        snprintf(command, sizeof(command), "rm -rf -- '%s'", dir);
        run_command(command);
}

void folder_copy(const char *from, const char *to)
{
        char command[2200];
        snprintf(command, sizeof(command), "cp -r -- '%s' '%s'", from, to);
        run_command(command);
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

struct simulate_result bureau_live(const char *folder, const char *dir, int scale)
{
        struct arena *arena = arena_open();
        struct scenario scenario;
        struct site_data data;
        struct site *site;
        struct desk *desk;
        struct simulate_result result;
        struct err err;
        const struct desk_options options = { .times_given = true, .without_thread = true,
                .checkpoint_events = 100000, .checkpoint_seconds = 3600 };
        must(scenario_read(arena, str_of(folder), &scenario, &err), &err);
        if (scale != 1000)
                scale_paths(&scenario, scale);
        must(site_read_data(arena, str_of(bureau_source()), &data, &err), &err);
        must(site_init(str_of(dir), &scenario.site, &data, simulate_beginning(&scenario), &err),
                        &err);
        must(site_open(str_of(dir), &site, &err), &err);
        must(desk_open(site, &options, &desk, &err), &err);
        must(simulate_run(desk, &scenario, NULL, NULL, &result, &err), &err);
        must(desk_close(&desk, &err), &err);
        site_close(&site);
        if (result.n_faults > 0)
                must(false, &result.faults[0].err);
        arena_close(&arena);
        return result;
}

char *database_rows(const char *database)
{
        sqlite3 *db;
        sqlite3_stmt *tables;
        char *all = calloc(1, 65536);
        if (all == NULL || sqlite3_open_v2(database, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
                        sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'table' "
                                               "AND name NOT LIKE 'search%' ORDER BY name", -1,
                                        &tables, NULL) != SQLITE_OK)
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
