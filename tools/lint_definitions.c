/* tools/lint_definitions.c - for authors: what is wrong with the definitions of a folder?
 *
 * usage: lint_definitions FOLDER
 * Reads FOLDER/procedures, registers, indicators and reports (*.yaml), prints every
 * problem with file and line, and exits 1 if one of them is more than a remark. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "procedure/definition.h"

#define FILES_MAX 2000u

static const char *const folders[] = { "procedures", "registers", "indicators", "reports" };

struct reading {
        struct arena *arena;
        struct definition_source *sources;
        size_t n;
};

static bool read_whole(struct arena *arena, const char *path, struct str *ret)
{
        FILE *file = fopen(path, "rb");
        if (file == NULL)
                return false;
        char *text = arena_alloc(arena, LIMIT_DEFINITION_BYTES + 1);
        size_t n = fread(text, 1, LIMIT_DEFINITION_BYTES + 1, file);
        bool ok = ferror(file) == 0;
        (void)fclose(file);
        *ret = (struct str){ text, n };
        return ok;
}

static bool read_folder(struct reading *reading, const char *root, const char *folder)
{
        struct str path = str_format(reading->arena, "%s/%s", root, folder);
        struct dirent **entries;
        int n = scandir(str_c(reading->arena, path), &entries, NULL, alphasort);
        for (int i = 0; i < n; i++) {
                struct str name = str_format(reading->arena, "%s/%s", folder, entries[i]->d_name);
                free(entries[i]);
                if (!str_ends(name, STR_LIT(".yaml")) || reading->n == FILES_MAX)
                        continue;
                struct str file = str_format(reading->arena, "%s/%.*s", root, STR_FMT(name));
                struct definition_source *source = &reading->sources[reading->n++];
                source->name = name;
                if (!read_whole(reading->arena, str_c(reading->arena, file), &source->text)) {
                        fprintf(stderr, "%.*s: 无法读取\n", STR_FMT(file));
                        return false;
                }
        }
        if (n >= 0)
                free(entries);
        return true;
}

int main(int argc, char **argv)
{
        if (argc != 2) {
                fprintf(stderr, "usage: lint_definitions FOLDER\n");
                return 2;
        }
        _cleanup_(arena_close) struct arena *arena = arena_open();
        struct reading reading = { .arena = arena,
                .sources = arena_new_array(arena, FILES_MAX, struct definition_source) };
        for (size_t i = 0; i < N_ELEMENTS(folders); i++)
                if (!read_folder(&reading, argv[1], folders[i]))
                        return 1;

        struct catalogue catalogue;
        struct str problems;
        struct err err;
        bool ok = catalogue_load(arena, reading.sources, reading.n, &catalogue, &problems, &err);
        printf("%.*s", STR_FMT(problems));
        printf("%zu 个文件，%s\n", reading.n, ok ? "可以使用" : "有误");
        return ok ? 0 : 1;
}
