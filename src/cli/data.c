#include "cli/data.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "desk/files.h"

static bool holds_data(struct arena *arena, struct str folder)
{
        return file_exists(str_format(arena, "%.*s/calendars", STR_FMT(folder)));
}

static struct str beside_program(struct arena *arena)
{
        static const char *const ways[] = { "../share/plumbline", "..", "../..", "../../.." };
        char path[PATH_MAX];
        ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
        if (n <= 0)
                return STR_LIT("");
        while (n > 0 && path[n - 1] != '/')
                n--;
        for (size_t i = 0; i < N_ELEMENTS(ways); i++) {
                struct str folder = str_format(arena, "%.*s%s", (int)n, path, ways[i]);
                if (holds_data(arena, folder))
                        return folder;
        }
        return STR_LIT("");
}

bool data_folder(struct arena *arena, struct str given, struct str *ret, struct err *err)
{
        const char *environment = getenv("PLUMBLINE_DATA");
        struct str folder = given;
        if (folder.n == 0 && environment != NULL)
                folder = str_of(environment);
        if (folder.n == 0 && holds_data(arena, STR_LIT(".")))
                folder = STR_LIT(".");
        if (folder.n == 0)
                folder = beside_program(arena);
        if (folder.n == 0)
                return err_set(err, E_NOT_FOUND, "没有找到程序定义，请用 --data 指明目录");
        *ret = folder;
        return true;
}

bool data_read(struct arena *arena, struct str given, struct site_data *ret, struct err *err)
{
        struct str folder;
        return data_folder(arena, given, &folder, err) && site_read_data(arena, folder, ret, err);
}

bool data_catalogue(struct arena *arena, const struct site_data *data, struct catalogue *ret,
                struct err *err)
{
        struct str problems = STR_LIT("");
        if (catalogue_load(arena, data->definitions, data->n_definitions, ret, &problems, err))
                return true;
        fprintf(stderr, "%.*s", STR_FMT(problems));
        return false;
}

bool data_calendars(struct arena *arena, const struct site_data *data,
                const struct calendar_set **ret, struct err *err)
{
        return calendar_set_new(arena, data->calendars, data->n_calendars, ret, err);
}
