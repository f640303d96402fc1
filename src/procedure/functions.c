#include "procedure/functions.h"

#include "ledger/hash.h"
#include "screen/detect.h"

#define UNUSED_HOST (void)self, (void)user, (void)arena, (void)args, (void)n_args, (void)err

static const struct circumstances *world_of(void *user)
{
        return ((struct scope *)user)->world;
}

static bool is_text(const struct value *v)
{
        return v->kind == VALUE_STRING && v->string.n != 0;
}

static bool find_entry(struct scope *scope, struct arena *arena, const struct value *reg,
                const struct value *key, struct date day, struct value *ret)
{
        const struct lookups *lookups = scope->world->lookups;
        *ret = value_null();
        if (is_text(reg) && is_text(key) &&
                        !lookups->entry(lookups->user, arena, reg->string, key->string, day, ret))
                *ret = value_null();
        return true;
}

static HOST(host_entry)
{
        UNUSED_HOST;
        struct scope *scope = user;
        return find_entry(scope, arena, &args[0], &args[1], moment_date(scope->now), ret);
}

static HOST(host_entry_on)
{
        UNUSED_HOST;
        if (args[2].kind != VALUE_DATE) {
                *ret = value_null();
                return true;
        }
        return find_entry(user, arena, &args[0], &args[1], args[2].date, ret);
}

static HOST(host_entries)
{
        UNUSED_HOST;
        struct scope *scope = user;
        const struct lookups *lookups = scope->world->lookups;
        *ret = value_list(NULL, 0);
        if (is_text(&args[0]) && !lookups->entries(lookups->user, arena, args[0].string,
                                                 moment_date(scope->now), ret))
                *ret = value_list(NULL, 0);
        return true;
}

static HOST(host_matters_with)
{
        UNUSED_HOST;
        struct scope *scope = user;
        const struct lookups *lookups = scope->world->lookups;
        *ret = value_list(NULL, 0);
        if (!is_text(&args[0]) || !is_text(&args[1]))
                return true;
        struct str key = args[0].string;
        if (str_find(key, STR_LIT(".")) == SIZE_MAX) {
                if (scope->version == NULL)
                        return true; /* over a register's entry no procedure is meant */
                key = str_format(arena, "%.*s.%.*s", STR_FMT(scope->version->procedure->name),
                                STR_FMT(key));
        }
        int64_t but = scope->matter != NULL ? scope->matter->id : 0;
        if (!lookups->matters_with(lookups->user, arena, key, args[1].string, but, ret))
                *ret = value_list(NULL, 0);
        return true;
}

/* How many matters of a unit are not finished. */
static HOST(host_open_matters)
{
        UNUSED_HOST;
        const struct lookups *lookups = world_of(user)->lookups;
        int64_t n = 0;
        *ret = value_null();
        if (is_text(&args[0]) && lookups->open_matters(lookups->user, args[0].string, &n))
                *ret = value_int(n);
        return true;
}

/* The open matters that a member of staff has in hand. */
static HOST(host_assigned_to)
{
        UNUSED_HOST;
        const struct lookups *lookups = world_of(user)->lookups;
        *ret = value_list(NULL, 0);
        if (is_text(&args[0]) && lookups->assigned_to != NULL &&
                        !lookups->assigned_to(lookups->user, arena, args[0].string, ret))
                *ret = value_list(NULL, 0);
        return true;
}

/* The number of the last document of that name which the matter has issued. */
static HOST(host_document_number)
{
        UNUSED_HOST;
        const struct matter *matter = ((struct scope *)user)->matter;
        *ret = value_null();
        for (size_t i = matter != NULL ? matter->n_documents : 0; i-- > 0;) {
                const struct issued_document *issued = &matter->documents[i];
                if (args[0].kind != VALUE_STRING ||
                                !str_eq(matter->version->documents[issued->document].name,
                                                args[0].string))
                        continue;
                *ret = value_string(issued->number);
                break;
        }
        return true;
}

static HOST(host_working_days_between)
{
        UNUSED_HOST;
        *ret = value_null();
        if (args[0].kind == VALUE_DATE && args[1].kind == VALUE_DATE)
                *ret = value_int(calendar_working_days(
                                world_of(user)->calendar, args[0].date, args[1].date));
        return true;
}

static HOST(host_add_working_days)
{
        UNUSED_HOST;
        int64_t n;
        struct date day;
        *ret = value_null();
        if (args[0].kind == VALUE_DATE && args[1].kind == VALUE_NUMBER &&
                        decimal_to_int(args[1].number, &n) && n > -MATTER_LENGTH_MAX &&
                        n < MATTER_LENGTH_MAX &&
                        calendar_add_working_days(
                                        world_of(user)->calendar, args[0].date, (int)n, &day))
                *ret = value_date(day);
        return true;
}

static HOST(host_is_working_day)
{
        UNUSED_HOST;
        *ret = value_null();
        if (args[0].kind == VALUE_DATE)
                *ret = value_bool(calendar_is_working_day(world_of(user)->calendar, args[0].date));
        return true;
}

static bool is_resident_id(const struct value *v)
{
        const char *reason;
        return is_text(v) &&
               identifier_check(IDENTIFIER_RESIDENT_ID, v->string, DATE_NONE, &reason);
}

static HOST(host_birth_of)
{
        UNUSED_HOST;
        *ret = is_resident_id(&args[0]) ? value_date(identifier_birth_date(args[0].string))
                                        : value_null();
        return true;
}

static HOST(host_age_on)
{
        UNUSED_HOST;
        *ret = value_null();
        if (is_resident_id(&args[0]) && args[1].kind == VALUE_DATE)
                *ret = value_int(identifier_age(args[0].string, args[1].date));
        return true;
}

static HOST(host_region_of)
{
        UNUSED_HOST;
        *ret = is_resident_id(&args[0]) ? value_string(str_slice(args[0].string, 0, 6))
                                        : value_null();
        return true;
}

static HOST(host_identifier_ok)
{
        UNUSED_HOST;
        enum identifier_kind kind;
        const char *reason;
        *ret = value_null();
        if (is_text(&args[0]) && args[1].kind == VALUE_STRING &&
                        identifier_kind_of(args[0].string, &kind))
                *ret = value_bool(identifier_check(kind, args[1].string,
                                moment_date(((struct scope *)user)->now), &reason));
        return true;
}

/* ---- Personal data in running text ---- */

/* The texts of a list, as each kind of identifier is written; what is no text allows nothing. */
static const struct str *allowed_texts(struct arena *arena, const struct value *list, size_t *ret_n)
{
        *ret_n = 0;
        if (list->kind != VALUE_LIST)
                return NULL;
        struct str *texts = arena_new_array(arena, list->list.n * N_IDENTIFIER_KINDS, struct str);
        for (size_t i = 0; i < list->list.n; i++)
                for (int kind = 0; kind < N_IDENTIFIER_KINDS; kind++)
                        if (is_text(&list->list.items[i]))
                                texts[(*ret_n)++] = identifier_normalize(arena,
                                                (enum identifier_kind)kind,
                                                list->list.items[i].string);
        return texts;
}

/* "居民身份证号 ******（疑似）": what it is and what would be left of it, never the thing itself. */
static struct str finding_text(struct arena *arena, const struct finding *finding)
{
        return str_format(arena, "%s %.*s%s", identifier_label(finding->kind),
                        STR_FMT(finding->mask), finding->suspect ? "（疑似）" : "");
}

/* What in the text names or finds a person, but for what may be shown. */
static HOST(host_personal_data)
{
        (void)self;
        (void)n_args;
        struct detect_options options = { .today = moment_date(((struct scope *)user)->now) };
        struct detection found;
        *ret = value_list(NULL, 0);
        if (!is_text(&args[0]))
                return true;
        options.allowed = allowed_texts(arena, &args[1], &options.n_allowed);
        if (!detect_identifiers(arena, args[0].string, &options, &found, err))
                return false;
        struct value *items = arena_new_array(arena, found.n, struct value);
        size_t n = 0;
        for (size_t i = 0; i < found.n; i++)
                if (found.findings[i].masked)
                        items[n++] = value_string(finding_text(arena, &found.findings[i]));
        *ret = value_list(items, n);
        return true;
}

/* Does a matter bear the number? */
static HOST(host_is_matter)
{
        UNUSED_HOST;
        (void)arena;
        const struct lookups *lookups = world_of(user)->lookups;
        *ret = is_text(&args[0])
                               ? value_bool(lookups->has_matter != NULL &&
                                                 lookups->has_matter(lookups->user, args[0].string))
                               : value_null();
        return true;
}

/* Is there a procedure of that name? */
static HOST(host_is_procedure)
{
        UNUSED_HOST;
        (void)arena;
        *ret = is_text(&args[0]) ? value_bool(catalogue_procedure(world_of(user)->catalogue,
                                                              args[0].string) != NULL)
                                 : value_null();
        return true;
}

static HOST(host_sha256)
{
        UNUSED_HOST;
        *ret = value_null();
        if (args[0].kind != VALUE_STRING)
                return true;
        struct hash hash = hash_bytes(LEDGER_SHA256, args[0].string);
        char *hex = arena_alloc(arena, HASH_HEX);
        for (size_t i = 0; i < HASH_BYTES; i++) {
                hex[2 * i] = "0123456789abcdef"[hash.b[i] >> 4];
                hex[2 * i + 1] = "0123456789abcdef"[hash.b[i] & 15];
        }
        *ret = value_string((struct str){ hex, HASH_HEX });
        return true;
}

const struct feel_host procedure_hosts[] = {
        { "entry", "string, string", "context", host_entry, NULL },
        { "entry_on", "string, string, date", "context", host_entry_on, NULL },
        { "entries", "string", "list<context>", host_entries, NULL },
        { "matters_with", "string, string", "list<context>", host_matters_with, NULL },
        { "open_matters", "string", "number", host_open_matters, NULL },
        { "assigned_to", "string", "list<string>", host_assigned_to, NULL },
        { "is_matter", "string", "boolean", host_is_matter, NULL },
        { "is_procedure", "string", "boolean", host_is_procedure, NULL },
        { "document_number", "string", "string", host_document_number, NULL },
        { "working_days_between", "date, date", "number", host_working_days_between, NULL },
        { "add_working_days", "date, number", "date", host_add_working_days, NULL },
        { "is_working_day", "date", "boolean", host_is_working_day, NULL },
        { "birth_of", "string", "date", host_birth_of, NULL },
        { "age_on", "string, date", "number", host_age_on, NULL },
        { "region_of", "string", "string", host_region_of, NULL },
        { "identifier_ok", "string, string", "boolean", host_identifier_ok, NULL },
        { "personal_data", "string, list<string>", "list<string>", host_personal_data, NULL },
        { "sha256", "string", "string", host_sha256, NULL },
        { "draw_freeze", "list<context>, list<context>", "context", host_draw_freeze, NULL },
        { "draw_gaps", "Any, Any", "list<string>", host_draw_gaps, NULL },
        { "draw_sizes", "Any, Any", "list<context>", host_draw_sizes, NULL },
        { "draw_announcement", "string, Any, Any, Any, Any, string?", "string",
                        host_draw_announcement, NULL },
        { "draw_seed", "string, Any, Any, Any, Any, Any, string?", "string", host_draw_seed, NULL },
        { "draw_publication", "string, Any, Any, Any, Any, Any, Any, Any, string?", "string",
                        host_draw_publication, NULL },
        { "draw_select", "Any, Any, string", "list<context>", host_draw_select, NULL },
        { "draw_pair", "Any, Any, string, Any", "list<context>", host_draw_pair, NULL },
        { "draw_next_object", "Any, Any, string, string, Any", "context", host_draw_next_object,
                        NULL },
        { "draw_next_inspector", "Any, Any, string, Any, string, string, Any, Any", "context",
                        host_draw_next_inspector, NULL },
};

const size_t n_procedure_hosts = N_ELEMENTS(procedure_hosts);
