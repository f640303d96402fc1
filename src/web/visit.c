#include "web/visit.h"

#include <assert.h>

#include "desk/paper.h"
#include "ledger/hash.h"
#include "web/cookie.h"
#include "web/mode.h"
#include "web/route.h"
#include "web/token.h"
#include "web/work.h"

#define REGISTER_UNITS "units"
#define ANY_TEXT_MAX   600u /* bytes of what an expression made that a page prints */

/* ---- What was asked ---- */

static bool is_declared(const char *const *fields, const char *name)
{
        for (size_t i = 0; fields != NULL && fields[i] != NULL; i++)
                if (strcmp(fields[i], name) == 0)
                        return true;
        return false;
}

struct str visit_field(const struct visit *visit, const char *name)
{
        assert(is_declared(visit->route->fields, name));
        return str_trim(address_field(&visit->request->address, name));
}

struct str visit_posted(const struct visit *visit, const char *name)
{
        assert(is_declared(visit->route->form, name));
        return posted_text(&visit->posted, str_of(name));
}

/* ---- Cookies ---- */

const char *visit_cookie_name(const struct visit *visit, const char *name)
{
        return visit->portal->https ? str_format(visit->arena, "__Host-%s", name).p : name;
}

struct str visit_cookie(const struct visit *visit, const char *name)
{
        return http_cookie(visit->request, visit_cookie_name(visit, name));
}

struct str visit_cookie_set(const struct visit *visit, const char *name, struct str value)
{
        return cookie_format(
                        visit->arena, visit_cookie_name(visit, name), value, visit->portal->https);
}

struct str visit_peer_key(const struct visit *visit, const char *before)
{
        return str_format(visit->arena, "%s%.*s", before,
                        STR_FMT(http_peer(visit->arena, visit->request)));
}

bool visit_date(const struct visit *visit, const char *name, struct date *ret, struct err *err)
{
        struct str text = visit_field(visit, name);
        *ret = DATE_NONE;
        if (text.n == 0)
                return true;
        return date_parse(text, ret, err) ||
               err_field(err, E_HTTP_QUERY, str_of(name), "日期应当写成 2021-09-28");
}

bool visit_int(const struct visit *visit, const char *name, int64_t max, int64_t otherwise,
                int64_t *ret, struct err *err)
{
        struct str text = visit_field(visit, name);
        *ret = otherwise;
        if (text.n == 0)
                return true;
        return (str_to_int(text, ret) && *ret >= 0 && *ret <= max) ||
               err_field(err, E_HTTP_QUERY, str_of(name), "应当是不超过 %lld 的整数",
                               (long long)max);
}

bool visit_year(struct str text, int *ret, struct err *err)
{
        int64_t year;
        if (text.n != 4 || !str_to_int(text, &year) || year < DATE_MIN_YEAR || year > DATE_MAX_YEAR)
                return err_set(err, E_NOT_FOUND, "年度应当是四位数字");
        *ret = (int)year;
        return true;
}

/* ---- Addresses ---- */

struct str visit_url(struct visit *visit, const char *before, struct str text)
{
        struct buf url = BUF(visit->arena);
        buf_c(&url, before);
        address_encode(&url, text);
        return buf_str(&url);
}

void visit_query(struct buf *url, const char *name, struct str value)
{
        if (value.n == 0)
                return;
        buf_char(url, str_find(buf_str(url), STR_LIT("?")) == SIZE_MAX ? '?' : '&');
        buf_c(url, name);
        buf_char(url, '=');
        address_encode(url, value);
}

/* ---- Words ---- */

static struct str name_of(struct visit *visit, struct str reg, struct str key)
{
        struct value entry;
        struct err err;
        bool found;
        if (key.n == 0 ||
                        !world_entry(&visit->world, visit->arena, reg, key, visit->today, &entry,
                                        &found, &err) ||
                        !found)
                return key;
        const struct value *name = value_get(&entry, STR_LIT("name"));
        return name != NULL && name->kind == VALUE_STRING ? name->string : key;
}

struct str visit_unit(struct visit *visit, struct str unit)
{
        return name_of(visit, STR_LIT(REGISTER_UNITS), unit);
}

struct str visit_staff(struct visit *visit, struct str staff)
{
        return name_of(visit, STR_LIT("staff"), staff);
}

/* One line of a list: the labels and values of an item. */
static void add_item(struct visit *visit, const struct field *field, const struct value *item,
                struct buf *buf)
{
        for (size_t i = 0, n = 0; i < field->n_items; i++) {
                const struct value *value = value_get(item, field->items[i].name);
                if (value == NULL || value_is_null(*value))
                        continue;
                buf_c(buf, n++ == 0 ? "" : "，");
                buf_str_add(buf, field->items[i].label);
                buf_c(buf, " ");
                buf_str_add(buf, visit_value(visit, &field->items[i], value));
        }
}

static struct str any_text(struct visit *visit, const struct value *value)
{
        if (value->kind == VALUE_LIST && value->list.n > 0 &&
                        value->list.items[0].kind == VALUE_CONTEXT)
                return str_format(visit->arena, "共 %zu 项", value->list.n);
        if (value->kind == VALUE_CONTEXT)
                return STR_LIT("（见原始数据）");
        struct str text = value_text(visit->arena, value);
        if (text.n > ANY_TEXT_MAX && !visit->as_json)
                return str_format(visit->arena, "（%lld 字的文件，见原始数据）",
                                (long long)str_n_code_points(text));
        return text;
}

struct str visit_value(struct visit *visit, const struct field *field, const struct value *value)
{
        struct buf buf = BUF(visit->arena);
        if (field->type == FIELD_UNIT && value->kind == VALUE_STRING)
                return visit_unit(visit, value->string);
        if (field->type == FIELD_STAFF && value->kind == VALUE_STRING &&
                        visit->viewer.kind == VIEWER_STAFF && visit->route->who == WHO_STAFF)
                return visit_staff(visit, value->string);
        if (value->kind == VALUE_DATE)
                return date_format_zh(visit->arena, value->date);
        if (field->type == FIELD_MONEY && value->kind == VALUE_NUMBER)
                return str_format(visit->arena, "%.*s 元",
                                STR_FMT(view_grouped(
                                                visit->arena, decimal_format_fixed(visit->arena,
                                                                              value->number, 2))));
        if (field->type == FIELD_ANY)
                return any_text(visit, value);
        if (field->type != FIELD_LIST || field->n_items == 0 || value->kind != VALUE_LIST)
                return paper_field(visit->arena, field, value);
        for (size_t i = 0; i < value->list.n; i++) {
                if (i == VISIT_PAGE_ROWS) {
                        buf_format(&buf, "；……共 %zu 项", value->list.n);
                        break;
                }
                buf_c(&buf, i == 0 ? "" : "；");
                add_item(visit, field, &value->list.items[i], &buf);
        }
        return buf_str(&buf);
}

/* ---- Answers ---- */

const struct page_column page_columns[] = {
        { "首页", "/", "首页", "主要数据、最近公开的办件和五项承诺", true },
        { "办事服务", "/services", "办事服务", "可以申请的事项：材料、期限、流程和依据", true },
        { "查进度", "/track", "办事服务", "凭办件编号和查询码查看办到哪一步", true },
        { "信息公开", "/columns", "信息公开", "依法主动公开的决定、计划、结果、清单和报告", true },
        { "年度报告", "/reports", "信息公开", "法治政府建设年度报告，每个数字可以点开", true },
        { "办件公开", "/matters", "信息公开", "可以公开的办件和它们的办理经过", true },
        { "抽取公示", "/draws", "信息公开", "随机抽取：预告、结果、作废，都可以自己核对", false },
        { "程序", "/procedures", "信息公开", "每种办件的法定程序、动作和期限", true },
        { "名录", "/registers", "信息公开", "公开的名录和清单", true },
        { "日历", "/calendar", "办事服务", "工作日和放假安排", true },
        { "期限计算器", "/calculator", "办事服务", "从哪一天起，到哪一天止", false },
        { "帮助", "/help", "网站帮助", "怎样找、怎样看、怎样核对", false },
        { "无障碍声明", "/accessibility", "网站帮助", "无障碍做到哪一步，怎样反映问题", false },
        { "网站地图", "/sitemap", "网站帮助", "全部栏目和服务", false },
};
const size_t n_page_columns = N_ELEMENTS(page_columns);

struct page page_begin(struct visit *visit, const char *name, const char *column, struct str title)
{
        struct page page = { .visit = visit,
                .name = name,
                .column = column,
                .title = title,
                .published = DATE_NONE,
                .view = VIEW(visit->arena),
                .crumbs = VIEW_LIST(visit->arena) };
        if (strcmp(column, "/") == 0)
                return page;
        page_crumb(&page, STR_LIT("首页"), STR_LIT("/"));
        for (size_t i = 0; i < n_page_columns; i++)
                if (strcmp(page_columns[i].url, column) == 0 &&
                                !str_is(title, page_columns[i].label))
                        page_crumb(&page, str_of(page_columns[i].label), str_of(column));
        return page;
}

void page_crumb(struct page *page, struct str label, struct str url)
{
        struct view crumb = VIEW(page->visit->arena);
        view_text(&crumb, "label", label);
        view_some(&crumb, "url", url);
        view_add(&page->crumbs, view_end(&crumb));
}

static struct value site_view(const struct page *page)
{
        struct visit *visit = page->visit;
        bool is_error = strcmp(page->name, "error") == 0;
        const struct site_config *config = site_config(visit->portal->site);
        struct view site = VIEW(visit->arena);
        view_text(&site, "name", config->organ);
        view_some(&site, "domain", config->domain);
        view_some(&site, "code", config->code);
        view_some(&site, "record", config->record);
        view_some(&site, "address", config->address);
        view_some(&site, "phone", config->phone);
        view_text(&site, "css", pages_css_url(visit->portal->pages));
        view_some(&site, "notice", visit->portal->notice);
        view_put(&site, "elder", value_bool(mode_is_elder(visit)));
        view_text(&site, "mode_url", mode_url(visit, !is_error));
        return view_end(&site);
}

/* The columns on top of the page, or those of the footer. */
static struct value nav_view(struct visit *visit, const char *column, bool is_main)
{
        struct view_list list = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < n_page_columns; i++) {
                struct view item = VIEW(visit->arena);
                if (page_columns[i].is_main != is_main)
                        continue;
                view_c(&item, "label", page_columns[i].label);
                view_c(&item, "url", page_columns[i].url);
                view_put(&item, "current", value_bool(strcmp(page_columns[i].url, column) == 0));
                view_add(&list, view_end(&item));
        }
        return view_list_end(&list);
}

static const struct page_column *column_of(const char *url)
{
        for (size_t i = 0; i < n_page_columns; i++)
                if (strcmp(page_columns[i].url, url) == 0)
                        return &page_columns[i];
        return &page_columns[0];
}

static struct value page_view(const struct page *page)
{
        const struct page_column *column = column_of(page->column);
        struct view own = VIEW(page->visit->arena);
        view_text(&own, "title", page->title);
        view_c(&own, "column", column->label);
        view_c(&own, "column_kind", column->kind);
        view_c(&own, "column_about", column->about);
        view_c(&own, "purpose", pages_purpose(page->name));
        view_day(&own, "published_on", page->published);
        return view_end(&own);
}

/* The newest signed head; nothing if none was signed yet. */
static bool add_ledger(struct visit *visit, struct view *view, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        if (!snapshot_rows(visit->snapshot, Q_CHECKPOINT_LAST, PARAMS(param_int(0)), &rows, err))
                return false;
        if (rows_next(&rows)) {
                struct str root = rows_blob(&rows, 1);
                char hex[HASH_HEX];
                assert(root.n == HASH_BYTES);
                hash_write_hex(root.p, HASH_BYTES, hex);
                struct view ledger = VIEW(visit->arena);
                view_int(&ledger, "size", rows_int(&rows, 0));
                view_text(&ledger, "root",
                                str_copy(visit->arena, (struct str){ hex, sizeof(hex) }));
                view_c(&ledger, "url", "/checkpoint");
                view_put(view, "ledger", view_end(&ledger));
        }
        return rows_end(&rows, err);
}

static bool send_page(struct page *page, struct err *err)
{
        struct visit *visit = page->visit;
        struct buf out = BUF(visit->arena);
        struct str token;
        if (page->with_token && !token_make(visit, &token, err))
                return false;
        if (page->with_token)
                view_text(&page->view, "token", token);
        view_put(&page->view, "page", page_view(page));
        view_put(&page->view, "site", site_view(page));
        if (page->is_work) {
                view_put(&page->view, "nav", work_nav(visit, page->column));
                work_add_user(visit, &page->view);
        } else {
                view_put(&page->view, "nav", nav_view(visit, page->column, true));
        }
        view_put(&page->view, "footer", nav_view(visit, page->column, false));
        view_put(&page->view, "crumbs", view_list_end(&page->crumbs));
        if (page->with_ledger && !add_ledger(visit, &page->view, err))
                return false;
        struct value view = view_end(&page->view);
        if (!pages_render(visit->portal->pages, page->name, &view, &out, err))
                return false;
        visit_send(visit, "text/html; charset=utf-8", buf_str(&out));
        return true;
}

bool page_send(struct page *page, struct err *err)
{
        struct buf out = BUF(page->visit->arena);
        page->visit->is_personal |= page->with_token;
        if (!page->visit->as_json)
                return send_page(page, err);
        struct value view = view_end(&page->view);
        value_write_json(&out, &view);
        visit_send(page->visit, "application/json; charset=utf-8", buf_str(&out));
        return true;
}

void visit_carry(const struct visit *visit, struct view *view, const char *name, struct str text)
{
        if (!visit->as_json)
                view_text(view, name, text);
}

void visit_send(struct visit *visit, const char *type, struct str body)
{
        visit->answer->status = 200;
        visit->answer->type = type;
        visit->answer->body = body;
        visit->answer->keeping = HTTP_ASK_AGAIN;
}

void visit_go(struct visit *visit, struct str location)
{
        visit->answer->status = 303;
        visit->answer->location = location;
        visit->answer->keeping = HTTP_STORE_NEVER;
}

static struct value page_number(struct arena *arena, int64_t number, struct str url, bool current)
{
        struct view item = VIEW(arena);
        view_text(&item, "label", str_format(arena, "%lld", (long long)number));
        view_some(&item, "url", url);
        view_put(&item, "current", value_bool(current));
        return view_end(&item);
}

struct value visit_paging(struct visit *visit, int64_t at, size_t n, int64_t total, bool over,
                struct str first, struct str next)
{
        struct view paging = VIEW(visit->arena);
        struct view_list pages = VIEW_LIST(visit->arena);
        int64_t number = at / VISIT_PAGE_ROWS + 1;
        view_int(&paging, "from", n == 0 ? at : at + 1);
        view_int(&paging, "to", at + (int64_t)n);
        if (total >= 0)
                view_int(&paging, "total", total);
        view_yes(&paging, "over", over);
        view_some(&paging, "next_url", next);
        if (number > 1)
                view_add(&pages, page_number(visit->arena, 1, first, false));
        if (number > 2)
                view_add(&pages, value_context(NULL, 0));
        if (number > 1 || next.n != 0)
                view_add(&pages, page_number(visit->arena, number, STR_LIT("#main"), true));
        view_put(&paging, "pages", view_list_end(&pages));
        return view_end(&paging);
}
