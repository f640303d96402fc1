/* desk/site_config.c - site.yaml, and the data folder a site is made from. */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/limits.h"
#include "desk/fetch.h"
#include "desk/file_sweep.h"
#include "desk/files.h"
#include "desk/site.h"
#include "procedure/yaml.h"

/* ---- site.yaml ---- */

struct reading {
        struct arena *arena;
        struct site_config config;
        struct err *err;
};

static bool refuse(struct reading *r, const struct yaml_pair *pair, const char *why)
{
        return err_field(r->err, E_SITE_CONFIG, pair->key, "第%d行：%s", pair->line, why);
}

static bool read_long(struct reading *r, const struct yaml_pair *pair, size_t max, struct str *ret)
{
        if (pair->value.kind != YAML_TEXT || pair->value.text.n == 0)
                return refuse(r, pair, "应当是一段文字");
        if (pair->value.text.n > max)
                return refuse(r, pair, "文字过长");
        *ret = pair->value.text;
        return true;
}

static bool read_text(struct reading *r, const struct yaml_pair *pair, struct str *ret)
{
        return read_long(r, pair, LIMIT_KEY_BYTES, ret);
}

static bool read_int(struct reading *r, const struct yaml_pair *pair, int max, int *ret)
{
        int64_t n;
        if (pair->value.kind != YAML_TEXT || !str_to_int(pair->value.text, &n) || n < 0 || n > max)
                return refuse(r, pair, "应当是不小于零的整数");
        *ret = (int)n;
        return true;
}

/* A parameter is a number where it reads as one, else a truth value or a text. */
static struct value parameter_value(struct str text)
{
        struct decimal number;
        struct err ignored;
        if (decimal_parse(text, &number, &ignored))
                return value_number(number);
        if (str_is(text, "true") || str_is(text, "false"))
                return value_bool(text.p[0] == 't');
        return value_string(text);
}

static bool read_parameters(struct reading *r, const struct yaml_pair *pair)
{
        const struct yaml *map = &pair->value;
        if (map->kind == YAML_NULL)
                return true;
        if (map->kind != YAML_MAP)
                return refuse(r, pair, "应当是“程序.参数: 值”的列表");
        struct member *members = arena_new_array(r->arena, map->n, struct member);
        for (size_t i = 0; i < map->n; i++) {
                if (map->pairs[i].value.kind != YAML_TEXT)
                        return refuse(r, &map->pairs[i], "应当是一个值");
                members[i] = (struct member){ map->pairs[i].key,
                        parameter_value(map->pairs[i].value.text) };
        }
        if (!value_sort_members(members, map->n))
                return refuse(r, pair, "参数重复");
        r->config.parameters = value_context(members, map->n);
        return true;
}

static bool read_witnesses(struct reading *r, const struct yaml_pair *pair)
{
        const struct yaml *map = &pair->value;
        struct err why;
        if (map->kind == YAML_NULL)
                return true;
        if (map->kind != YAML_MAP || map->n > SITE_WITNESSES_MAX)
                return refuse(r, pair, "应当是“验证密钥: 网址”的列表，最多 20 行");
        struct site_witness *all = arena_new_array(r->arena, map->n, struct site_witness);
        for (size_t i = 0; i < map->n; i++) {
                const struct yaml_pair *one = &map->pairs[i];
                if (!note_key_parse(r->arena, one->key, &all[i].key, &why) ||
                                all[i].key.algorithm != SIGNATURE_COSIGNATURE)
                        return refuse(r, one, "不是见证人的验证密钥");
                if (one->value.kind != YAML_TEXT || !fetch_is_url(one->value.text))
                        return refuse(r, one, "应当是 http:// 或 https:// 开头的网址");
                all[i].url = one->value.text;
        }
        r->config.witnesses = all;
        r->config.n_witnesses = map->n;
        return true;
}

/* The lines that are plain texts. */
static const struct {
        const char *name;
        size_t offset;
        bool must; /* written even if empty */
} text_lines[] = {
        { "organ", offsetof(struct site_config, organ), true },
        { "prefix", offsetof(struct site_config, prefix), true },
        { "region", offsetof(struct site_config, region), true },
        { "city", offsetof(struct site_config, city), true },
        { "store", offsetof(struct site_config, store), true },
        { "domain", offsetof(struct site_config, domain), false },
        { "code", offsetof(struct site_config, code), false },
        { "record", offsetof(struct site_config, record), false },
        { "address", offsetof(struct site_config, address), false },
        { "phone", offsetof(struct site_config, phone), false },
        { "receivers", offsetof(struct site_config, receivers), false },
        { "spool", offsetof(struct site_config, spool), false },
};

static bool read_pair(struct reading *r, const struct yaml_pair *pair)
{
        struct site_config *c = &r->config;
        struct str text;
        if (str_is(pair->key, "store"))
                return read_long(r, pair, LIMIT_ADDRESS_BYTES, &c->store);
        if (str_is(pair->key, "receivers"))
                return read_long(r, pair, LIMIT_ADDRESS_BYTES, &c->receivers);
        if (str_is(pair->key, "spool"))
                return read_long(r, pair, LIMIT_ADDRESS_BYTES, &c->spool);
        for (size_t i = 0; i < N_ELEMENTS(text_lines); i++)
                if (str_is(pair->key, text_lines[i].name))
                        return read_text(r, pair, (struct str *)((char *)c + text_lines[i].offset));
        if (str_is(pair->key, "yellow"))
                return read_int(r, pair, 365, &c->yellow);
        if (str_is(pair->key, "red"))
                return read_int(r, pair, 365, &c->red);
        if (str_is(pair->key, "port"))
                return read_int(r, pair, 65535, &c->port);
        if (str_is(pair->key, "keep_files"))
                return read_int(r, pair, 36500, &c->keep_files);
        if (str_is(pair->key, "parameters"))
                return read_parameters(r, pair);
        if (str_is(pair->key, "witnesses"))
                return read_witnesses(r, pair);
        if (str_is(pair->key, "hash"))
                return read_text(r, pair, &text) &&
                       (hash_by_name(text, &c->hash) || refuse(r, pair, "应当是 sha256 或 sm3"));
        return refuse(r, pair, "没有这一项");
}

bool site_config_parse(
                struct arena *arena, struct str text, struct site_config *ret, struct err *err)
{
        assert(arena && ret && err);
        const struct yaml *yaml;
        int line = 0;
        if (!yaml_parse(arena, text, &yaml, &line, err))
                return false;
        struct reading r = {
                .arena = arena,
                .err = err,
                .config = { .store = STR_LIT("sqlite"),
                                .yellow = 5,
                                .red = 2,
                                .port = 8080,
                                .keep_files = FILE_SWEEP_DAYS,
                                .hash = LEDGER_SHA256,
                                .parameters = value_context(NULL, 0) },
        };
        if (yaml->kind != YAML_MAP)
                return err_set(err, E_SITE_CONFIG, "应当是“名称: 值”的列表");
        for (size_t i = 0; i < yaml->n; i++)
                if (!read_pair(&r, &yaml->pairs[i]))
                        return false;
        const struct site_config *c = &r.config;
        if (c->organ.n == 0 || c->prefix.n == 0 || c->region.n == 0 || c->city.n == 0)
                return err_set(err, E_SITE_CONFIG, "organ、prefix、region、city 四项必填");
        *ret = r.config;
        return true;
}

static void write_line(struct buf *buf, const char *name, struct str text)
{
        buf_format(buf, "%s: ", name);
        value_write_json_string(buf, text);
        buf_char(buf, '\n');
}

struct str site_config_format(struct arena *arena, const struct site_config *config)
{
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < N_ELEMENTS(text_lines); i++) {
                const struct str *text =
                                (const struct str *)((const char *)config + text_lines[i].offset);
                if (text == &config->store)
                        buf_format(&buf, "hash: %s\n", hash_name(config->hash));
                if (text_lines[i].must || text->n != 0)
                        write_line(&buf, text_lines[i].name, *text);
        }
        buf_format(&buf, "yellow: %d\nred: %d\nport: %d\n", config->yellow, config->red,
                        config->port);
        if (config->keep_files != FILE_SWEEP_DAYS)
                buf_format(&buf, "keep_files: %d\n", config->keep_files);
        if (config->parameters.context.n > 0)
                buf_c(&buf, "parameters:\n");
        for (size_t i = 0; i < config->parameters.context.n; i++) {
                const struct member *m = &config->parameters.context.members[i];
                buf_c(&buf, "  ");
                value_write_json_string(&buf, m->name);
                buf_c(&buf, ": ");
                if (m->value.kind == VALUE_BOOL)
                        buf_c(&buf, m->value.boolean ? "true" : "false");
                else
                        value_write_json_string(&buf, value_text(arena, &m->value));
                buf_char(&buf, '\n');
        }
        if (config->n_witnesses > 0)
                buf_c(&buf, "witnesses:\n");
        for (size_t i = 0; i < config->n_witnesses; i++) {
                buf_c(&buf, "  ");
                value_write_json_string(&buf, note_key_format(arena, &config->witnesses[i].key));
                buf_c(&buf, ": ");
                value_write_json_string(&buf, config->witnesses[i].url);
                buf_char(&buf, '\n');
        }
        return buf_str(&buf);
}

/* ---- The data folder ---- */

struct found {
        struct str name; /* "procedures/permit.yaml" */
        struct str text;
};

struct finding {
        struct arena *arena;
        struct found *found;
        size_t n, capacity;
};

static void add_found(struct finding *f, struct found found)
{
        if (f->n == f->capacity) {
                struct found *old = f->found;
                f->capacity = f->capacity * 2 + 16;
                f->found = arena_new_array(f->arena, f->capacity, struct found);
                for (size_t i = 0; i < f->n; i++)
                        f->found[i] = old[i];
        }
        f->found[f->n++] = found;
}

static int by_name(const void *a, const void *b)
{
        return str_cmp(((const struct found *)a)->name, ((const struct found *)b)->name);
}

/* A folder that is not there holds nothing. */
static bool find_files(struct finding *f, struct str folder, const char *sub, const char *ending,
                struct err *err)
{
        const char *path = str_c(f->arena, str_format(f->arena, "%.*s/%s", STR_FMT(folder), sub));
        DIR *dir = opendir(path);
        if (dir == NULL && errno == ENOENT)
                return true;
        if (dir == NULL)
                return err_set(err, E_IO, "目录 %s 打不开", path);
        bool ok = true;
        for (struct dirent *entry; ok && (entry = readdir(dir)) != NULL;) {
                struct str name = str_of(entry->d_name);
                if (entry->d_name[0] == '.' || !str_ends(name, str_of(ending)))
                        continue;
                struct found found = { .name = str_format(f->arena, "%s/%s", sub, entry->d_name) };
                struct str whole = str_format(f->arena, "%s/%s", path, entry->d_name);
                ok = file_read(f->arena, whole, LIMIT_DEFINITION_BYTES, &found.text, err);
                if (ok && !str_is_utf8(found.text))
                        ok = err_field(err, E_UTF8, found.name, "文件内容");
                if (ok)
                        add_found(f, found);
        }
        closedir(dir);
        return ok;
}

bool site_read_data(struct arena *arena, struct str folder, struct site_data *ret, struct err *err)
{
        static const char *const subs[] = { "procedures", "registers", "indicators", "reports" };
        struct finding f = { .arena = arena };
        for (size_t i = 0; i < N_ELEMENTS(subs); i++)
                if (!find_files(&f, folder, subs[i], ".yaml", err))
                        return false;
        size_t n_definitions = f.n;
        if (!find_files(&f, folder, "calendars", "", err))
                return false;
        if (f.n == 0)
                return err_set(err, E_NOT_FOUND, "目录 %.*s 里没有程序定义", STR_FMT(folder));
        qsort(f.found, n_definitions, sizeof(*f.found), by_name);
        qsort(f.found + n_definitions, f.n - n_definitions, sizeof(*f.found), by_name);
        struct definition_source *definitions =
                        arena_new_array(arena, n_definitions, struct definition_source);
        struct calendar_file *calendars =
                        arena_new_array(arena, f.n - n_definitions, struct calendar_file);
        for (size_t i = 0; i < n_definitions; i++)
                definitions[i] = (struct definition_source){ f.found[i].name, f.found[i].text };
        for (size_t i = n_definitions; i < f.n; i++)
                calendars[i - n_definitions] =
                                (struct calendar_file){ f.found[i].name, f.found[i].text };
        *ret = (struct site_data){ definitions, n_definitions, calendars, f.n - n_definitions };
        return true;
}
