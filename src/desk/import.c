#include "desk/import.h"

#include <assert.h>
#include <stdlib.h>
#include <uthash.h>

#include "base/limits.h"
#include "desk/desk_state.h"

struct alias {
        UT_hash_handle hh;
        size_t line; /* index of the act in its chunk, while that is not answered */
        int64_t matter;
        size_t n;
        char name[];
};

struct importing {
        struct arena *arena; /* of the chunk */
        struct desk *desk;
        import_told *told;
        void *user;
        struct alias *aliases;
        struct import_result result;
        /* TSV */
        struct str *columns;
        size_t n_columns;
        /* the chunk */
        struct submission *submissions;
        struct str *names; /* "as" of each */
        int *lines;
        size_t n;
        struct err *err;
};

/* ---- Names of matters within the file ---- */

static struct alias *find_alias(struct importing *im, struct str name)
{
        struct alias *alias;
        HASH_FIND(hh, im->aliases, name.p, name.n, alias);
        return alias;
}

static void set_alias(struct importing *im, struct str name, size_t line)
{
        struct alias *alias = find_alias(im, name);
        if (alias == NULL) {
                alias = calloc(1, sizeof(*alias) + name.n);
                if (alias == NULL)
                        abort();
                memcpy(alias->name, name.p, name.n);
                alias->n = name.n;
                HASH_ADD_KEYPTR(hh, im->aliases, alias->name, alias->n, alias);
        }
        alias->line = line + 1;
        alias->matter = 0;
}

static void drop_aliases(struct importing *im)
{
        struct alias *alias, *next;
        HASH_ITER (hh, im->aliases, alias, next) {
                HASH_DEL(im->aliases, alias);
                free(alias);
        }
}

/* ---- One line ---- */

static bool take_text(const struct value *line, const char *name, struct str *ret, struct err *err)
{
        const struct value *v = value_get(line, str_of(name));
        if (v == NULL || v->kind == VALUE_NULL)
                return true;
        if (v->kind != VALUE_STRING)
                return err_field(err, E_IMPORT_LINE, str_of(name), "应当是文字");
        *ret = v->string;
        return true;
}

static bool is_known(struct str name)
{
        static const char *const names[] = { "procedure", "matter", "on", "register", "act", "by",
                "party", "system", "for", "unit", "fields", "key", "as", "time" };
        for (size_t i = 0; i < N_ELEMENTS(names); i++)
                if (str_is(name, names[i]))
                        return true;
        return false;
}

static bool take_subject(struct importing *im, const struct value *line, struct submission *s,
                struct err *err)
{
        struct str on = STR_LIT("");
        if (!take_text(line, "procedure", &s->procedure, err) ||
                        !take_text(line, "matter", &s->matter, err) ||
                        !take_text(line, "register", &s->reg, err) ||
                        !take_text(line, "on", &on, err))
                return false;
        if (on.n == 0)
                return true;
        struct alias *alias = find_alias(im, on);
        if (alias == NULL)
                return err_field(err, E_DESK_REFERENCE, on, "前面没有这个名字");
        if (alias->line != 0)
                s->same_as = alias->line;
        else if (alias->matter != 0)
                s->matter = str_format(im->arena, "#%lld", (long long)alias->matter);
        else
                return err_field(err, E_DESK_REFERENCE, on, "那一行没有办成");
        return true;
}

static bool take_actor(const struct value *line, struct submission *s, struct err *err)
{
        struct str party = STR_LIT("");
        const struct value *system = value_get(line, STR_LIT("system"));
        if (!take_text(line, "by", &s->actor, err) || !take_text(line, "party", &party, err) ||
                        !take_text(line, "for", &s->on_behalf, err))
                return false;
        bool by_system = system != NULL &&
                         ((system->kind == VALUE_BOOL && system->boolean) ||
                                         (system->kind == VALUE_STRING &&
                                                         str_is(system->string, "true")));
        if ((s->actor.n > 0) + (party.n > 0) + by_system != 1)
                return err_set(err, E_IMPORT_LINE, "要写明 by、party 或 system 之一");
        s->by = by_system ? BY_SYSTEM : party.n > 0 ? BY_PARTY : BY_STAFF;
        if (party.n > 0)
                s->actor = party;
        return true;
}

static bool take_act(struct importing *im, const struct value *line, struct submission *ret,
                struct str *ret_as, struct err *err)
{
        struct submission s = { .fields = value_context(NULL, 0) };
        struct str time = STR_LIT("");
        const struct value *fields = value_get(line, STR_LIT("fields"));
        for (size_t i = 0; i < line->context.n; i++)
                if (!is_known(line->context.members[i].name))
                        return err_field(err, E_IMPORT_LINE, line->context.members[i].name,
                                        "没有这一列");
        *ret_as = STR_LIT("");
        if (!take_subject(im, line, &s, err) || !take_actor(line, &s, err) ||
                        !take_text(line, "act", &s.act, err) ||
                        !take_text(line, "unit", &s.unit, err) ||
                        !take_text(line, "key", &s.key, err) ||
                        !take_text(line, "as", ret_as, err) || !take_text(line, "time", &time, err))
                return false;
        if (time.n > 0 && !moment_parse(time, &s.time, err))
                return false;
        if (time.n > 0 && !im->desk->options.times_given)
                return err_field(err, E_IMPORT_LINE, STR_LIT("time"),
                                "登记的时刻就是办理的时刻，不能另写；起算日、收到日写在 fields 的"
                                "相应字段里，请去掉这一列");
        if (fields != NULL && fields->kind != VALUE_NULL)
                s.fields = *fields;
        *ret = s;
        return true;
}

/* ---- TSV ---- */

static bool read_columns(struct importing *im, struct arena *arena, struct str line)
{
        size_t n = 1;
        for (size_t i = 0; i < line.n; i++)
                n += line.p[i] == '\t';
        im->columns = arena_new_array(arena, n, struct str);
        while (line.p != NULL && im->n_columns < n)
                im->columns[im->n_columns++] = str_trim(str_split(&line, '\t'));
        return true;
}

static bool tsv_line(struct importing *im, struct str text, struct value *ret, struct err *err)
{
        struct str prefix = STR_LIT("fields.");
        struct member *own = arena_new_array(im->arena, im->n_columns + 1, struct member);
        struct member *fields = arena_new_array(im->arena, im->n_columns, struct member);
        size_t n_own = 0, n_fields = 0;
        for (size_t i = 0; i < im->n_columns; i++) {
                struct str cell = str_split(&text, '\t'), name = im->columns[i];
                if (cell.n == 0)
                        continue;
                if (str_starts(name, prefix))
                        fields[n_fields++] = (struct member){ str_slice(name, prefix.n, name.n),
                                value_string(cell) };
                else
                        own[n_own++] = (struct member){ name, value_string(cell) };
        }
        if (text.p != NULL)
                return err_set(err, E_IMPORT_LINE, "单元格比表头多");
        if (!value_sort_members(fields, n_fields))
                return err_set(err, E_IMPORT_LINE, "表头有重复的列");
        own[n_own++] = (struct member){ STR_LIT("fields"), value_context(fields, n_fields) };
        if (!value_sort_members(own, n_own))
                return err_set(err, E_IMPORT_LINE, "表头有重复的列");
        *ret = value_context(own, n_own);
        return true;
}

/* ---- Chunks ---- */

static void tell(struct importing *im, int line, const struct desk_answer *answer)
{
        struct import_line told = {
                .line = line, .ok = answer->done, .err = answer->err, .receipt = answer->receipt
        };
        im->result.n_done += answer->done;
        im->result.n_refused += !answer->done;
        if (im->told != NULL)
                im->told(im->user, &told);
}

/* What the chunk's names stand for from now on. */
static void settle_aliases(struct importing *im, const struct desk_answer *answers)
{
        for (size_t i = 0; i < im->n; i++) {
                struct alias *alias = im->names[i].n > 0 ? find_alias(im, im->names[i]) : NULL;
                if (alias == NULL || alias->line != i + 1)
                        continue;
                alias->line = 0;
                alias->matter = answers[i].done ? answers[i].receipt.matter : 0;
        }
}

static bool flush(struct importing *im)
{
        struct desk_answer *answers = arena_new_array(im->arena, im->n, struct desk_answer);
        bool ok = im->n == 0 ||
                  desk_submit_many(im->arena, im->desk, im->submissions, im->n, answers, im->err);
        for (size_t i = 0; ok && i < im->n; i++)
                tell(im, im->lines[i], &answers[i]);
        if (ok)
                settle_aliases(im, answers);
        im->n = 0;
        arena_reset(im->arena);
        im->submissions = arena_new_array(im->arena, DESK_BATCH_MAX, struct submission);
        im->names = arena_new_array(im->arena, DESK_BATCH_MAX, struct str);
        im->lines = arena_new_array(im->arena, DESK_BATCH_MAX, int);
        return ok;
}

static bool take_line(struct importing *im, struct str text, int number)
{
        struct desk_answer refused = { .done = false };
        struct value line;
        bool ok = im->n_columns > 0 ? tsv_line(im, text, &line, &refused.err)
                                    : value_parse_json(im->arena, text, &line, &refused.err);
        if (ok && line.kind != VALUE_CONTEXT)
                ok = err_set(&refused.err, E_IMPORT_LINE, "应当是一个 JSON 对象");
        size_t i = im->n;
        if (!ok || !take_act(im, &line, &im->submissions[i], &im->names[i], &refused.err)) {
                tell(im, number, &refused);
                return true;
        }
        im->lines[i] = number;
        if (im->names[i].n > 0)
                set_alias(im, im->names[i], i);
        im->n++;
        return im->n < DESK_BATCH_MAX || flush(im);
}

static bool import_lines(struct importing *im, struct arena *arena, struct str text)
{
        bool ok = flush(im); /* makes the first chunk */
        for (int number = 1; ok && text.n > 0; number++) {
                struct str line = str_split(&text, '\n');
                if (number > (int)IMPORT_LINES_MAX)
                        return err_set(im->err, E_LIMIT, "最多 %u 行", IMPORT_LINES_MAX);
                if (line.n > 0 && line.p[line.n - 1] == '\r')
                        line.n--;
                if (str_trim(line).n == 0 || line.p[0] == '#')
                        continue;
                if (im->n_columns == 0 && im->result.n_done + im->result.n_refused + im->n == 0 &&
                                line.p[0] != '{')
                        ok = read_columns(im, arena, line);
                else
                        ok = take_line(im, line, number);
        }
        return ok && flush(im);
}

bool import_acts(struct arena *arena, struct desk *desk, struct str text, bool dry_run,
                import_told *told, void *user, struct import_result *ret, struct err *err)
{
        assert(arena && desk && ret && err);
        if (text.n > IMPORT_BYTES_MAX)
                return err_set(err, E_LIMIT, "文件超过 %u 字节", IMPORT_BYTES_MAX);
        if (!str_is_utf8(text))
                return err_set(err, E_UTF8, "导入的文件");
        struct site *copy = NULL;
        struct desk *trial = NULL;
        struct err closing;
        bool ok = true;
        if (dry_run) {
                struct desk_options options = desk->options;
                options.without_thread = true;
                ok = site_open_copy(desk_site(desk), &copy, err) &&
                     desk_open(copy, &options, &trial, err);
        }
        struct importing im = { .arena = arena_open(),
                .desk = dry_run ? trial : desk,
                .told = told,
                .user = user,
                .err = err };
        ok = ok && import_lines(&im, arena, text);
        if (!desk_close(&trial, &closing) && ok) {
                *err = closing;
                ok = false;
        }
        site_close(&copy);
        drop_aliases(&im);
        arena_close(&im.arena);
        *ret = im.result;
        return ok;
}
