#include "desk/draw_export.h"

#include "base/limits.h"
#include "desk/files.h"
#include "draw/verify.h"
#include "projection/draw_read.h"

#define INDEX_FORMAT "plumbline-draws 1"
#define INDEX_BYTES  (16u << 20)

static struct str path_in(struct arena *arena, struct str dir, struct str name)
{
        return str_format(arena, "%.*s/%.*s", STR_FMT(dir), STR_FMT(name));
}

/* A number as a file's name: what a path could mistake becomes "_". */
static struct str file_name(struct arena *arena, struct str number, const char *ending)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < number.n; i++) {
                unsigned char c = (unsigned char)number.p[i];
                bool plain = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                             (c >= 'a' && c <= 'z') || c == '-';
                buf_char(&buf, plain ? (char)c : '_');
        }
        buf_c(&buf, ending);
        return buf_str(&buf);
}

static struct value text_hash(struct arena *arena, struct str text)
{
        struct hash hash = hash_bytes(LEDGER_SHA256, text);
        char *hex = arena_alloc(arena, HASH_HEX);
        hash_write_hex(hash.b, HASH_BYTES, hex);
        return value_string((struct str){ hex, HASH_HEX });
}

/* ---- Writing ---- */

struct exporting {
        struct arena *arena;   /* of the whole */
        struct arena *scratch; /* of one draw */
        struct snapshot *snapshot;
        const struct catalogue *catalogue;
        struct str dir;
        struct date today;
        struct value before; /* draws of the index there was; null = none */
        struct draw_exported *report;
        struct err *err;
};

static struct str text_at(const struct value *context, const char *name)
{
        const struct value *value =
                        context->kind == VALUE_CONTEXT ? value_get(context, str_of(name)) : NULL;
        return value != NULL && value->kind == VALUE_STRING ? value->string : STR_LIT("");
}

/* The row of a draw in an index, or NULL. */
static const struct value *row_of(const struct value *draws, struct str number)
{
        for (size_t i = 0; draws->kind == VALUE_LIST && i < draws->list.n; i++)
                if (str_eq(text_at(&draws->list.items[i], "number"), number))
                        return &draws->list.items[i];
        return NULL;
}

static bool write_file(struct exporting *x, struct str name, struct str text)
{
        struct str path = path_in(x->scratch, x->dir, name), old;
        struct err ignored;
        if (file_read(x->scratch, path, LIMIT_PUBLICATION_BYTES, &old, &ignored) &&
                        str_eq(old, text))
                return true;
        x->report->n_files++;
        return file_replace(path, text, x->err);
}

static bool add_file(struct exporting *x, const struct draw_row *row, const char *member,
                const char *ending, const struct draw_published *published, struct member *members,
                size_t *n)
{
        if (published->text.n == 0)
                return true;
        struct str name = file_name(x->arena, row->number, ending);
        struct member file[] = {
                { STR_LIT("name"), value_string(name) },
                { STR_LIT("on"), value_string(date_format(x->arena, published->on)) },
                { STR_LIT("sha256"), text_hash(x->arena, published->text) },
        };
        struct member *copy = arena_grow(x->arena, file, N_ELEMENTS(file), 0, sizeof(*copy));
        members[(*n)++] = (struct member){ str_of(member), value_context(copy, N_ELEMENTS(file)) };
        return write_file(x, name, published->text);
}

/* What was told once stays as it was told. */
static bool check_before(struct exporting *x, struct str number, const struct value *row)
{
        const struct value *old = row_of(&x->before, number);
        const struct value *then = old != NULL ? value_get(old, STR_LIT("announced")) : NULL;
        const struct value *now = value_get(row, STR_LIT("announced"));
        if (then == NULL)
                return true;
        if (now != NULL && str_eq(text_at(then, "sha256"), text_at(now, "sha256")))
                return true;
        return err_field(x->err, E_DRAW_GONE, number, "预告与先前公布的不同");
}

static bool export_draw(struct exporting *x, int64_t matter, struct value *ret, bool *ret_seen)
{
        struct draw_row row;
        struct member members[8];
        size_t n = 0;
        if (!draw_read(x->scratch, x->snapshot, x->catalogue, matter, x->today, &row, ret_seen,
                            x->err))
                return false;
        if (!*ret_seen)
                return true;
        if (!add_file(x, &row, "announced", ".announced.json", &row.announced, members, &n) ||
                        !add_file(x, &row, "file", ".json", &row.file, members, &n))
                return false;
        members[n++] = (struct member){ STR_LIT("number"),
                value_string(str_copy(x->arena, row.number)) };
        members[n++] = (struct member){ STR_LIT("state"),
                value_string(row.version->states[row.state].label) };
        members[n++] = (struct member){ STR_LIT("title"),
                value_string(str_copy(x->arena, row.title)) };
        if (row.fault.text.n > 0) {
                x->report->n_void++;
                members[n++] = (struct member){ STR_LIT("void"),
                        value_string(str_copy(x->arena, row.fault.text)) };
        }
        struct member *copy = arena_grow(x->arena, members, n, 0, sizeof(*copy));
        bool distinct = value_sort_members(copy, n);
        *ret = distinct ? value_context(copy, n) : value_null();
        x->report->n_draws++;
        return check_before(x, row.number, ret);
}

static bool read_before(struct exporting *x)
{
        struct str text;
        struct value index;
        x->before = value_null();
        if (!file_exists(path_in(x->scratch, x->dir, STR_LIT("index.json"))))
                return true;
        if (!file_read(x->arena, path_in(x->scratch, x->dir, STR_LIT("index.json")), INDEX_BYTES,
                            &text, x->err) ||
                        !value_parse_json(x->arena, text, &index, x->err))
                return false;
        if (!str_is(text_at(&index, "format"), INDEX_FORMAT))
                return err_set(x->err, E_DRAW_FORMAT, "index.json");
        const struct value *draws = value_get(&index, STR_LIT("draws"));
        x->before = draws != NULL ? *draws : value_null();
        return true;
}

static bool check_all_there(struct exporting *x, const struct value *draws)
{
        for (size_t i = 0; x->before.kind == VALUE_LIST && i < x->before.list.n; i++) {
                struct str number = text_at(&x->before.list.items[i], "number");
                if (row_of(draws, number) == NULL)
                        return err_field(x->err, E_DRAW_GONE, number, "先前公布过，现在没有了");
        }
        return true;
}

static bool write_index(struct exporting *x, struct site *site, struct value draws)
{
        struct member members[] = {
                { STR_LIT("as_of"), value_string(date_format(x->arena, x->today)) },
                { STR_LIT("draws"), draws },
                { STR_LIT("format"), value_string(STR_LIT(INDEX_FORMAT)) },
                { STR_LIT("organ"), value_string(site_config(site)->organ) },
        };
        struct value index = value_context(members, N_ELEMENTS(members));
        struct buf buf = BUF(x->arena);
        value_write_json(&buf, &index);
        buf_char(&buf, '\n');
        return write_file(x, STR_LIT("index.json"), buf_str(&buf));
}

static bool export_all(struct exporting *x, struct site *site)
{
        const int64_t *matters;
        size_t n, n_rows = 0;
        if (!read_before(x) || !draw_matters(x->arena, x->snapshot, x->catalogue, x->today,
                                               DRAW_EXPORT_MAX, &matters, &n, x->err))
                return false;
        struct value *rows = arena_new_array(x->arena, n, struct value);
        for (size_t i = 0; i < n; i++) {
                bool seen;
                arena_reset(x->scratch);
                if (!export_draw(x, matters[i], &rows[n_rows], &seen))
                        return false;
                n_rows += seen;
        }
        struct value draws = value_list(rows, n_rows);
        return check_all_there(x, &draws) && write_index(x, site, draws);
}

bool draw_export(struct site *site, struct str dir, struct date today, struct draw_exported *ret,
                struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct arena *arena _cleanup_(arena_close) = arena_open();
        struct arena *scratch _cleanup_(arena_close) = arena_open();
        struct exporting x = { .arena = arena,
                .scratch = scratch,
                .catalogue = site_catalogue(site),
                .dir = dir,
                .today = today,
                .report = ret,
                .err = err };
        *ret = (struct draw_exported){ 0 };
        if (!folder_make(dir, 0755, err) || !snapshot_open(site_store(site), &snapshot, err))
                return false;
        x.snapshot = snapshot;
        return export_all(&x, site) && folder_sync(dir, err);
}

/* ---- Checking ---- */

/* The text of a file of the index, whose hash is the told one; empty if the row has none. */
static bool read_listed(struct arena *arena, struct str dir, const struct value *row,
                const char *member, struct str *ret, struct err *err)
{
        const struct value *file = value_get(row, str_of(member));
        *ret = STR_LIT("");
        if (file == NULL)
                return true;
        struct str name = text_at(file, "name");
        if (name.n == 0 || memchr(name.p, '/', name.n) != NULL || name.p[0] == '.')
                return err_field(err, E_DRAW_FORMAT, STR_LIT("index.json"), "文件名不正确");
        if (!file_read(arena, path_in(arena, dir, name), LIMIT_PUBLICATION_BYTES, ret, err))
                return false;
        struct value hash = text_hash(arena, *ret);
        return str_eq(hash.string, text_at(file, "sha256")) ||
               err_field(err, E_DRAW_DIFFERS, name, "与目录中的摘要不同");
}

static bool check_draw(struct arena *arena, struct str dir, const struct value *row,
                struct draw_checked *report, struct err *err)
{
        struct str announced, file;
        struct draw_report *draw = arena_new(arena, struct draw_report);
        report->failed = text_at(row, "number");
        if (report->failed.n == 0)
                return err_set(err, E_DRAW_FORMAT, "index.json 中有一批没有编号");
        report->n_draws++;
        report->n_void += text_at(row, "void").n > 0;
        if (!read_listed(arena, dir, row, "announced", &announced, err) ||
                        !read_listed(arena, dir, row, "file", &file, err))
                return false;
        if (file.n == 0) {
                report->n_waiting += text_at(row, "void").n == 0;
                return true;
        }
        if (announced.n == 0)
                return err_field(err, E_DRAW_FORMAT, report->failed, "没有抽取前的预告");
        if (!draw_verify_announced(arena, file, announced, err) ||
                        !draw_verify(arena, file, draw, err))
                return false;
        report->n_picks += draw->n_picks;
        return true;
}

bool draw_check_folder(
                struct arena *arena, struct str dir, struct draw_checked *ret, struct err *err)
{
        struct arena *scratch _cleanup_(arena_close) = arena_open();
        struct str text;
        struct value index;
        *ret = (struct draw_checked){ 0 };
        if (!file_read(arena, path_in(arena, dir, STR_LIT("index.json")), INDEX_BYTES, &text,
                            err) ||
                        !value_parse_json(arena, text, &index, err))
                return false;
        const struct value *draws =
                        index.kind == VALUE_CONTEXT ? value_get(&index, STR_LIT("draws")) : NULL;
        if (!str_is(text_at(&index, "format"), INDEX_FORMAT) || draws == NULL ||
                        draws->kind != VALUE_LIST)
                return err_set(err, E_DRAW_FORMAT, "index.json 应为 " INDEX_FORMAT);
        for (size_t i = 0; i < draws->list.n; i++) {
                arena_reset(scratch);
                if (draws->list.items[i].kind != VALUE_CONTEXT)
                        return err_set(err, E_DRAW_FORMAT, "index.json");
                if (!check_draw(scratch, dir, &draws->list.items[i], ret, err))
                        return false;
        }
        ret->failed = STR_LIT("");
        return ret->n_picks > 0 || err_set(err, E_DRAW_NOTHING, "没有一批已经抽取");
}
