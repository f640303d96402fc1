/* web/draw.c - draws by lot as strangers see them: announced, drawn, void; and their files.
 *
 * Everything on these pages is read from what was published (projection/draw_read.h); the
 * file is taken apart as it stands, and anybody can check it with the command shown. */
#include "base/limits.h"
#include "ledger/hash.h"
#include "projection/draw_read.h"
#include "projection/matter_read.h"
#include "web/route.h"
#include "web/words.h"

#define DRAWS_SHOWN   200u
#define OBJECTS_SHOWN 500u

/* ---- Reading a file ---- */

static const struct value *get(const struct value *context, const char *name)
{
        static const struct value none = { .kind = VALUE_NULL };
        const struct value *value =
                        context->kind == VALUE_CONTEXT ? value_get(context, str_of(name)) : NULL;
        return value != NULL ? value : &none;
}

static struct str text_at(struct visit *visit, const struct value *context, const char *name)
{
        const struct value *value = get(context, name);
        return value->kind == VALUE_NULL ? STR_LIT("") : value_text(visit->arena, value);
}

static int64_t int_at(const struct value *context, const char *name)
{
        const struct value *value = get(context, name);
        int64_t n;
        return value->kind == VALUE_NUMBER && decimal_to_int(value->number, &n) ? n : 0;
}

static size_t count(const struct value *list)
{
        return list->kind == VALUE_LIST ? list->list.n : 0;
}

/* The file of the draw if there is one, else the announcement; null if neither. */
static bool read_file(
                struct visit *visit, const struct draw_row *row, struct value *ret, struct err *err)
{
        struct str text = row->file.text.n > 0 ? row->file.text : row->announced.text;
        *ret = value_null();
        return text.n == 0 || value_parse_json(visit->arena, text, ret, err);
}

/* ---- Parts of both pages ---- */

static struct value state_view(struct visit *visit, const struct draw_row *row)
{
        if (row->fault.text.n > 0)
                return view_tag(visit->arena, STR_LIT("已作废"), "grey");
        if (row->file.text.n > 0)
                return view_tag(visit->arena, STR_LIT("已公布结果"), "green");
        return view_tag(visit->arena, STR_LIT("已预告，待抽取"), "blue");
}

static void add_days(struct view *view, const struct draw_row *row)
{
        if (row->announced.text.n > 0)
                view_day(view, "announced_on", row->announced.on);
        if (row->file.text.n > 0)
                view_day(view, "published_on", row->file.on);
        if (row->fault.text.n > 0)
                view_day(view, "void_on", row->fault.on);
}

/* ---- /draws ---- */

static struct value row_view(struct visit *visit, const struct draw_row *row)
{
        struct view view = VIEW(visit->arena);
        view_text(&view, "no", row->number);
        view_text(&view, "title", row->title);
        view_text(&view, "url", visit_url(visit, "/draws/", row->number));
        view_put(&view, "state", state_view(visit, row));
        view_some(&view, "reason", row->fault.text);
        add_days(&view, row);
        return view_end(&view);
}

bool draw_list(struct visit *visit, struct err *err)
{
        struct page page = page_begin(visit, "draws", "/draws", STR_LIT("抽取公示"));
        struct view_list rows = VIEW_LIST(visit->arena);
        const int64_t *matters;
        size_t n;
        if (!draw_matters(visit->arena, visit->snapshot, visit->catalogue, visit->today,
                            DRAWS_SHOWN, &matters, &n, err))
                return false;
        for (size_t i = 0; i < n; i++) {
                struct draw_row row;
                bool seen;
                if (!draw_read(visit->arena, visit->snapshot, visit->catalogue, matters[i],
                                    visit->today, &row, &seen, err))
                        return false;
                if (seen)
                        view_add(&rows, row_view(visit, &row));
        }
        view_put(&page.view, "rows", view_list_end(&rows));
        page_crumb(&page, page.title, STR_LIT(""));
        return page_send(&page, err);
}

/* ---- /draws/NUMBER ---- */

struct draw_page {
        struct visit *visit;
        const struct draw_row *row;
        struct value file;
        const struct value *objects; /* of its pool */
};

static const struct value *object_of(const struct draw_page *p, struct str id)
{
        size_t low = 0, high = count(p->objects); /* sorted by id */
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                const struct value *object = &p->objects->list.items[middle];
                int order = str_cmp(get(object, "id")->string, id);
                if (order == 0)
                        return object;
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

static struct str name_of(const struct draw_page *p, struct str id)
{
        const struct value *object = object_of(p, id);
        struct str name = object != NULL ? text_at(p->visit, object, "name") : STR_LIT("");
        return name.n > 0 ? name : id;
}

static struct value pick_view(const struct draw_page *p, const struct value *pick, size_t n)
{
        struct view view = VIEW(p->visit->arena);
        struct str id = text_at(p->visit, pick, "id");
        view_int(&view, "n", (int64_t)n);
        view_text(&view, "id", id);
        view_text(&view, "name", name_of(p, id));
        view_text(&view, "ticket", text_at(p->visit, pick, "ticket"));
        return view_end(&view);
}

static struct value picks_view(const struct draw_page *p, const struct value *picks)
{
        struct view_list list = VIEW_LIST(p->visit->arena);
        for (size_t i = 0; i < count(picks) && i < OBJECTS_SHOWN; i++)
                view_add(&list, pick_view(p, &picks->list.items[i], i + 1));
        return view_list_end(&list);
}

/* "比例 12.5%，至少 1 个", "2 个" */
static struct str rule_text(struct visit *visit, const struct value *plan)
{
        if (get(plan, "ratio")->kind != VALUE_NUMBER)
                return str_format(visit->arena, "%lld 个", (long long)int_at(plan, "count"));
        int64_t ratio = int_at(plan, "ratio"), minimum = int_at(plan, "minimum");
        struct str percent = ratio % 100 == 0 ? str_format(visit->arena, "%lld",
                                                                (long long)(ratio / 100))
                                              : str_format(visit->arena, "%lld.%02lld",
                                                                (long long)(ratio / 100),
                                                                (long long)(ratio % 100));
        return str_format(visit->arena, "比例 %.*s%%，至少 %lld 个", STR_FMT(percent),
                        (long long)(minimum > 1 ? minimum : 1));
}

/* Before the draw only what was announced is known of a stratum; how many take part is counted
 * from the pool. */
static struct value stratum_view(const struct draw_page *p, const struct value *plan,
                const struct value *drawn, int64_t size, int64_t weight)
{
        struct view view = VIEW(p->visit->arena);
        view_text(&view, "name", text_at(p->visit, plan, "name"));
        view_text(&view, "rule", rule_text(p->visit, plan));
        view_int(&view, "size", size);
        view_int(&view, "weight", weight);
        if (drawn->kind == VALUE_CONTEXT) {
                view_int(&view, "sample", int_at(drawn, "sample"));
                view_put(&view, "picks", picks_view(p, get(drawn, "picks")));
                view_put(&view, "substitutes", picks_view(p, get(drawn, "substitutes")));
        }
        return view_end(&view);
}

struct tally {
        struct str name;
        int64_t size, weight;
};

/* How many objects of each announced stratum take part, and the sum of their weights. */
static struct tally *tally(const struct draw_page *p, const struct value *plans)
{
        struct tally *rows = arena_new_array(p->visit->arena, count(plans), struct tally);
        for (size_t s = 0; s < count(plans); s++)
                rows[s] = (struct tally){ text_at(p->visit, &plans->list.items[s], "name"), 0, 0 };
        for (size_t i = 0; i < count(p->objects); i++) {
                const struct value *object = &p->objects->list.items[i];
                struct str stratum = text_at(p->visit, object, "stratum");
                if (text_at(p->visit, object, "excluded").n > 0)
                        continue;
                for (size_t s = 0; s < count(plans); s++)
                        if (str_eq(rows[s].name, stratum)) {
                                rows[s].size++;
                                rows[s].weight += int_at(object, "weight");
                        }
        }
        return rows;
}

static struct value object_view(const struct draw_page *p, const struct value *object, size_t n,
                const struct tally *tallies, size_t n_tallies)
{
        struct visit *visit = p->visit;
        struct view view = VIEW(visit->arena);
        struct str stratum = text_at(visit, object, "stratum");
        struct str excluded = text_at(visit, object, "excluded");
        view_int(&view, "n", (int64_t)n);
        view_text(&view, "id", text_at(visit, object, "id"));
        view_text(&view, "name", text_at(visit, object, "name"));
        view_text(&view, "stratum", stratum);
        view_some(&view, "excluded", excluded);
        for (size_t s = 0; s < n_tallies && excluded.n == 0; s++)
                if (str_eq(tallies[s].name, stratum))
                        view_text(&view, "chance",
                                        str_format(visit->arena, "%lld/%lld",
                                                        (long long)int_at(object, "weight"),
                                                        (long long)tallies[s].weight));
        return view_end(&view);
}

static void add_pool(const struct draw_page *p, struct view *view)
{
        const struct value *plans = get(get(&p->file, "announcement"), "strata");
        const struct value *drawn = get(&p->file, "strata");
        static const struct value none = { .kind = VALUE_NULL };
        struct view_list strata = VIEW_LIST(p->visit->arena), objects = VIEW_LIST(p->visit->arena);
        struct tally *tallies = tally(p, plans);
        for (size_t s = 0; s < count(plans); s++)
                view_add(&strata, stratum_view(p, &plans->list.items[s],
                                                  s < count(drawn) ? &drawn->list.items[s] : &none,
                                                  tallies[s].size, tallies[s].weight));
        for (size_t i = 0; i < count(p->objects) && i < OBJECTS_SHOWN; i++)
                view_add(&objects, object_view(p, &p->objects->list.items[i], i + 1, tallies,
                                                   count(plans)));
        view_put(view, "strata", view_list_end(&strata));
        view_put(view, "objects", view_list_end(&objects));
        if (count(p->objects) > OBJECTS_SHOWN)
                view_int(view, "more_objects", (int64_t)(count(p->objects) - OBJECTS_SHOWN));
}

/* The public randomness: announced, and as it came out. */
static void add_sources(const struct draw_page *p, struct view *view)
{
        const struct value *sources = get(get(&p->file, "announcement"), "sources");
        const struct value *values = get(&p->file, "values");
        struct view_list list = VIEW_LIST(p->visit->arena);
        for (size_t i = 0; i < count(sources); i++) {
                const struct value *source = &sources->list.items[i];
                struct view item = VIEW(p->visit->arena);
                view_text(&item, "source", text_at(p->visit, source, "source"));
                view_text(&item, "issue", text_at(p->visit, source, "issue"));
                view_text(&item, "shape", text_at(p->visit, source, "shape"));
                if (i < count(values))
                        view_text(&item, "value",
                                        value_text(p->visit->arena, &values->list.items[i]));
                view_add(&list, view_end(&item));
        }
        view_put(view, "sources", view_list_end(&list));
}

static void add_replacements(const struct draw_page *p, struct view *view)
{
        const struct value *rows = get(&p->file, "replacements");
        struct view_list list = VIEW_LIST(p->visit->arena);
        for (size_t i = 0; i < count(rows); i++) {
                const struct value *row = &rows->list.items[i];
                struct view item = VIEW(p->visit->arena);
                view_text(&item, "object", name_of(p, text_at(p->visit, row, "object")));
                view_text(&item, "reason", text_at(p->visit, row, "reason"));
                view_text(&item, "by", name_of(p, text_at(p->visit, row, "by")));
                view_add(&list, view_end(&item));
        }
        if (list.n > 0)
                view_put(view, "replacements", view_list_end(&list));
}

static void add_file(struct visit *visit, struct view_list *list, const struct draw_row *row,
                const char *label, const char *part, struct str text)
{
        struct view view = VIEW(visit->arena);
        struct str url = visit_url(visit, "/draws/", row->number);
        struct hash hash = hash_bytes(LEDGER_SHA256, text);
        char hex[HASH_HEX];
        if (text.n == 0)
                return;
        hash_write_hex(hash.b, HASH_BYTES, hex);
        view_c(&view, "label", label);
        view_text(&view, "url", str_format(visit->arena, "%.*s/%s", STR_FMT(url), part));
        view_text(&view, "hash", str_copy(visit->arena, (struct str){ hex, sizeof(hex) }));
        view_add(list, view_end(&view));
}

/* What happens in which order; each done or still to come. */
static struct value steps_view(struct visit *visit, const struct draw_row *row)
{
        const struct {
                const char *label, *note;
                bool done;
        } steps[] = {
                { "冻结名录", "名录编号、计算摘要，此后不能改", row->announced.text.n > 0 },
                { "预告", "公布名录、各层样本数和将要采用的公共随机数", row->announced.text.n > 0 },
                { "随机数产生", "由别处公布，本机关不能预知", row->file.text.n > 0 },
                { "抽取", "按公布的规则由随机数算出，谁算都一样", row->file.text.n > 0 },
                { "公布", "结果和核对文件一并公开", row->file.text.n > 0 },
        };
        struct view_list list = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < N_ELEMENTS(steps); i++) {
                struct view view = VIEW(visit->arena);
                view_c(&view, "label", steps[i].label);
                view_c(&view, "note", steps[i].note);
                view_yes(&view, "done", steps[i].done);
                view_add(&list, view_end(&view));
        }
        return view_list_end(&list);
}

static struct value head_view(const struct draw_page *p)
{
        struct visit *visit = p->visit;
        struct view view = VIEW(visit->arena);
        struct view_list files = VIEW_LIST(visit->arena);
        struct str method = text_at(visit, get(&p->file, "announcement"), "method");
        view_text(&view, "no", p->row->number);
        view_text(&view, "procedure", p->row->version->procedure->label);
        view_put(&view, "state", state_view(visit, p->row));
        view_some(&view, "reason", p->row->fault.text);
        add_days(&view, p->row);
        view_c(&view, "method", str_is(method, "rfc3797") ? "RFC 3797" : "票号法（SHA-256）");
        view_some(&view, "pool_hash", text_at(visit, get(&p->file, "pool"), "sha256"));
        view_some(&view, "seed", text_at(visit, &p->file, "seed"));
        if (p->row->version->procedure->visible != VISIBLE_NEVER)
                view_text(&view, "matter_url", visit_url(visit, "/matters/", p->row->number));
        add_file(visit, &files, p->row, "抽取前的预告", "announced", p->row->announced.text);
        add_file(visit, &files, p->row, "抽取核对文件", "file", p->row->file.text);
        view_put(&view, "files", view_list_end(&files));
        view_put(&view, "steps", steps_view(visit, p->row));
        return view_end(&view);
}

/* The draw of the number in the path. E_NOT_FOUND for what is none, or not published. */
static bool find(struct visit *visit, struct draw_row *ret, struct err *err)
{
        int64_t matter;
        bool seen = false;
        if (!matter_find_seen(visit->snapshot, visit->parts[0], visit->today, &matter, &seen, err))
                return false;
        if (seen && !draw_read(visit->arena, visit->snapshot, visit->catalogue, matter,
                                    visit->today, ret, &seen, err))
                return false;
        return seen || err_set(err, E_NOT_FOUND, "%s", "");
}

bool draw_show(struct visit *visit, struct err *err)
{
        struct draw_row row;
        struct draw_page p = { .visit = visit, .row = &row };
        if (!find(visit, &row, err) || !read_file(visit, &row, &p.file, err))
                return false;
        p.objects = get(get(&p.file, "pool"), "objects");
        struct page page = page_begin(visit, "draw", "/draws", row.title);
        page_crumb(&page, row.number, STR_LIT(""));
        view_put(&page.view, "draw", head_view(&p));
        add_pool(&p, &page.view);
        add_sources(&p, &page.view);
        add_replacements(&p, &page.view);
        return page_send(&page, err);
}

/* ---- /draws/NUMBER/announced, /draws/NUMBER/file ---- */

bool draw_file(struct visit *visit, struct err *err)
{
        struct draw_row row;
        if (!find(visit, &row, err))
                return false;
        bool announced = str_is(visit->parts[1], "announced");
        struct str text = announced                         ? row.announced.text
                          : str_is(visit->parts[1], "file") ? row.file.text
                                                            : STR_LIT("");
        if (text.n == 0)
                return err_set(err, E_NOT_FOUND, "%s", "");
        visit_send(visit, "application/json; charset=utf-8", text);
        visit->answer->file_name = str_format(visit->arena, "draw-%lld%s.json",
                        (long long)row.matter, announced ? "-announced" : "");
        return true;
}
