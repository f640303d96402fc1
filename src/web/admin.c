/* web/admin.c - /work/admin: what can be administered here, and what each page is for. */
#include "web/admin.h"

#include "projection/register_read.h"
#include "web/route.h"
#include "web/viewer.h"
#include "web/work.h"

bool admin_keeps(struct visit *visit, const struct reg *reg)
{
        for (size_t i = 0; reg != NULL && i < reg->n_keepers; i++)
                if (viewer_holds(visit, reg->keepers[i], visit->viewer.actor.unit))
                        return true;
        return false;
}

bool admin_is_let_in(struct visit *visit, struct err *err)
{
        return viewer_holds(visit, STR_LIT(ADMIN_ROLE), visit->viewer.actor.unit) ||
               err_set(err, E_NOT_FOUND, "%s", "");
}

bool admin_is_auditor(struct visit *visit)
{
        return visit->viewer.kind == VIEWER_STAFF && !visit->viewer.is_program &&
               viewer_holds(visit, STR_LIT(AUDITOR_ROLE), visit->viewer.actor.unit);
}

static bool is_administrator(struct visit *visit)
{
        return viewer_holds(visit, STR_LIT(ADMIN_ROLE), visit->viewer.actor.unit);
}

bool admin_is_staff(struct visit *visit, struct str id, struct err *err)
{
        struct value entry;
        bool found;
        return register_entry(visit->arena, visit->snapshot, visit->catalogue, STR_LIT("staff"), id,
                               visit->today, &entry, &found, err) &&
               (found || err_set(err, E_NOT_FOUND, "人员名录里没有现行有效的「%.*s」",
                                         STR_FMT(id)));
}

struct str admin_pasted(const struct visit *visit)
{
        for (size_t at = 0;;) {
                const struct posted_field *field =
                                posted_next(&visit->posted, STR_LIT("file"), &at);
                if (field == NULL)
                        return posted_text(&visit->posted, STR_LIT("text"));
                if (field->is_file && field->file_name.n != 0)
                        return field->value;
        }
}

struct page admin_begin(struct visit *visit, const char *name, struct str label)
{
        struct str title = label.n != 0 ? label : STR_LIT("管理");
        struct page page = work_begin(visit, name, "/work/admin", title);
        page_crumb(&page, STR_LIT("我的工作"), STR_LIT("/work"));
        page_crumb(&page, STR_LIT("管理"), label.n != 0 ? STR_LIT("/work/admin") : STR_LIT(""));
        return page;
}

static void add_item(struct visit *visit, struct view_list *items, struct str label, struct str url,
                struct str note)
{
        struct view view = VIEW(visit->arena);
        view_text(&view, "label", label);
        view_text(&view, "url", url);
        view_some(&view, "note", note);
        view_add(items, view_end(&view));
}

static void add_group(struct visit *visit, struct view_list *groups, const char *title,
                const struct view_list *items)
{
        struct view view = VIEW(visit->arena);
        if (items->n == 0)
                return;
        view_c(&view, "title", title);
        view_put(&view, "items", view_list_end(items));
        view_add(groups, view_end(&view));
}

static bool add_registers(struct visit *visit, struct view_list *groups, struct err *err)
{
        struct view_list items = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < visit->catalogue->n_registers; i++) {
                const struct reg *reg = visit->catalogue->registers[i];
                int64_t n;
                if (!admin_keeps(visit, reg))
                        continue;
                if (!register_count(visit->snapshot, reg->name, visit->today, &n, err))
                        return false;
                add_item(visit, &items, reg->label,
                                visit_url(visit, "/work/admin/registers/", reg->name),
                                str_format(visit->arena, "现有 %lld 条；登记和终止都会存证",
                                                (long long)n));
        }
        add_group(visit, groups, "由您管理的名录", &items);
        return true;
}

static void add_rest(struct visit *visit, struct view_list *groups)
{
        static const struct {
                const char *label, *url, *note;
                bool (*is_for)(struct visit *visit); /* NULL: everybody */
        } rows[] = {
                { "委托和回避", "/work/admin/standing",
                                "谁替谁办、谁不得办，哪些日子，影响哪些在办事项",
                                admin_keeps_standing },
                { "查阅记录", "/work/admin/access", "谁看过谁的个人信息；账本条目",
                                admin_is_auditor },
                { "文书模板", "/work/admin/templates", "看模板打印出来的样子，试改不保存",
                                is_administrator },
                { "账号", "/work/admin/accounts", "重设密码、解除锁定、结束登录",
                                is_administrator },
                { "程序令牌", "/work/admin/tokens", "让另一个程序以某位工作人员的身份办理",
                                is_administrator },
                { "对外推送和通知", "/work/admin/webhooks",
                                "公开的办理签名推送给订阅的系统；等待投递的通知",
                                is_administrator },
                { "本机参数", "/work/admin/parameters", "站点设置和程序参数的当前值，只读",
                                is_administrator },
                { "检查和启用定义", "/work/admin/definitions",
                                "粘贴一个定义：查问题、看流程图、与现行的比较，核对后启用",
                                is_administrator },
                { "放假通知", "/work/admin/calendar",
                                "先看哪些天、哪些在办事项的期限会变动，再登记", is_administrator },
                { "现行程序", "/procedures", "查看各程序；在程序页上比较两个版本", NULL },
                { "工作日历", "/calendar", "各年的节假日和调休；没有通知的年度为暂定", NULL },
                { "提示与错误代码", "/help/errors", "每个代码的含义和下一步", NULL },
                { "接口说明", "/openapi.json", "供程序使用（OpenAPI 3.1）", NULL },
        };
        struct view_list items = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < N_ELEMENTS(rows); i++)
                if (rows[i].is_for == NULL || rows[i].is_for(visit))
                        add_item(visit, &items, str_of(rows[i].label), str_of(rows[i].url),
                                        str_of(rows[i].note));
        add_group(visit, groups, "系统", &items);
}

bool admin_show(struct visit *visit, struct err *err)
{
        struct page page = admin_begin(visit, "work-index", STR_LIT(""));
        struct view_list groups = VIEW_LIST(visit->arena);
        if (!add_registers(visit, &groups, err))
                return false;
        add_rest(visit, &groups);
        view_c(&page.view, "intro",
                        "单位、人员、岗位、委托等都是名录：登记一条就是一次办理，有经办人、有时间、有存证，"
                        "改动不会覆盖以前的记录。");
        view_put(&page.view, "groups", view_list_end(&groups));
        return page_send(&page, err);
}

/* ---- /work/admin/parameters ---- */

static void add_pair(
                struct visit *visit, struct view_list *facts, struct str label, struct str value)
{
        struct view view = VIEW(visit->arena);
        view_text(&view, "label", label);
        view_text(&view, "value", value.n != 0 ? value : STR_LIT("—"));
        view_add(facts, view_end(&view));
}

bool parameters_show(struct visit *visit, struct err *err)
{
        struct page page = admin_begin(visit, "work-facts", STR_LIT("本机参数"));
        struct view_list facts = VIEW_LIST(visit->arena);
        const struct site_config *config = site_config(visit->portal->site);
        if (!admin_is_let_in(visit, err))
                return false;
        page_crumb(&page, page.title, STR_LIT(""));
        add_pair(visit, &facts, STR_LIT("机关"), config->organ);
        add_pair(visit, &facts, STR_LIT("文号前缀"), config->prefix);
        add_pair(visit, &facts, STR_LIT("行政区划"), config->region);
        add_pair(visit, &facts, STR_LIT("城市"), config->city);
        add_pair(visit, &facts, STR_LIT("期限黄色提醒（剩余天数）"),
                        str_format(visit->arena, "%d", config->yellow));
        add_pair(visit, &facts, STR_LIT("期限红色提醒（剩余天数）"),
                        str_format(visit->arena, "%d", config->red));
        for (size_t i = 0; i < config->parameters.context.n; i++) {
                const struct member *m = &config->parameters.context.members[i];
                add_pair(visit, &facts, m->name, value_text(visit->arena, &m->value));
        }
        view_c(&page.view, "intro",
                        "这些值写在站点目录的 site.yaml 里，由运行人员修改，重新启动后生效。这里只能查看。");
        view_put(&page.view, "facts", view_list_end(&facts));
        return page_send(&page, err);
}
