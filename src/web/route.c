#include "web/route.h"

static const char *const year_fields[] = { "year", NULL };
static const char *const figure_fields[] = { "year", "month", "unit", "after", "at", NULL };
static const char *const docket_fields[] = { "q", "procedure", "state", "unit", "from", "until",
        "after", "at", NULL };
static const char *const compare_fields[] = { "from", "to", NULL };
static const char *const heads_fields[] = { "from", "to", NULL };
static const char *const procedure_fields[] = { "version", NULL };
static const char *const service_fields[] = { "q", "audience", "subject", NULL };
static const char *const item_fields[] = { "item", NULL };
static const char *const column_fields[] = { "q", "after", "at", NULL };
static const char *const calculator_fields[] = { "clock", "from", "length", "extension",
        "pause_from", "pause_until", NULL };
static const char *const register_fields[] = { "key", "after", "at", NULL };

static const char *const to_fields[] = { "to", NULL };
static const char *const sign_in_form[] = { "token", "id", "password", "to", NULL };
static const char *const code_form[] = { "token", "code", "to", NULL };
static const char *const password_form[] = { "token", "old", "new", "again", NULL };
static const char *const factor_form[] = { "token", "do", "code", NULL };
static const char *const sign_out_form[] = { "token", "everywhere", NULL };
static const char *const work_docket_fields[] = { "q", "procedure", "state", "unit", "mine", "from",
        "until", "sort", "after", "day", "at", NULL };
static const char *const done_fields[] = { "done", NULL };
static const char *const bulk_form[] = { "token", "key", "act", "m", "do", NULL };
static const char *const act_form[] = { "token", "key", "seen", "do", NULL };
static const char *const step_fields[] = { "step", "checked", NULL };
static const char *const resume_fields[] = { "failed", NULL };
static const char *const track_fields[] = { "number", NULL };
static const char *const tracked_fields[] = { "new", "done", NULL };
static const char *const mode_fields[] = { "set", "to", NULL };
static const char *const begin_form[] = { "token", "party", "unit", "item", NULL };
/* The fields of the step and of the act besides: their definitions list them. */
static const char *const step_form[] = { "token", "step", "do", NULL };
static const char *const once_form[] = { "token", "once", "do", NULL };
static const char *const token_form[] = { "token", NULL };
static const char *const resume_form[] = { "token", "code", NULL };
static const char *const track_form[] = { "token", "number", "code", NULL };

static const char *const code_again_form[] = { "token", "key", "party", "identity", "checked",
        NULL };
static const char *const view_form[] = { "token", "do", "name", "query", NULL };
static const char *const note_form[] = { "token", "key", "note", NULL };
static const char *const dashboard_fields[] = { "figure", "year", NULL };
static const char *const kept_fields[] = { "after", NULL };
static const char *const entry_fields[] = { "key", NULL };
static const char *const end_form[] = { "token", "key", "no", "day", NULL };
static const char *const accounts_form[] = { "token", "id", "do", NULL };
static const char *const tokens_form[] = { "token", "account", "label", "end", NULL };
static const char *const webhooks_form[] = { "token", "do", "id", "position", "label", "url",
        "filter", NULL };

static const char *const name_fields[] = { "name", NULL };
static const char *const template_fields[] = { "procedure", "document", NULL };
static const char *const template_form[] = { "token", "procedure", "document", "number", "text",
        "file", NULL };
static const char *const access_fields[] = { "staff", "matter", "from", "until", "below", NULL };
static const char *const definition_form[] = { "token", "do", "name", "text", "file", "seen",
        "stood", "sure", NULL };
static const char *const notice_form[] = { "token", "do", "text", "file", NULL };

/* Why a GET has no JSON. */
#define IS_FILE    "是一个文件，按它自己的格式"
#define IS_TURN    "只转到别的地址"
#define IS_STREAM  "一直开着，逐条送出"
#define FIXED_TEXT "固定的文字，没有自己的内容"
#define SIGNS_IN   "只有登录用的表单：会话只给浏览器，程序凭令牌"
#define SHORT_TEXT "一两行文字，给监控"

/* clang-format off: a table reads best as one */
#define OPEN(pattern, fields, json, sheet, show, says)                                             \
        {                                                                                          \
                HTTP_GET, pattern, WHO_ANYONE, NULL, fields, NULL, HTTP_NOTHING, json, sheet,      \
                                false, show, NULL, says                                            \
        }
#define WORKED(pattern, fields, show, says)                                                        \
        {                                                                                          \
                HTTP_GET, pattern, WHO_STAFF, NULL, fields, NULL, HTTP_NOTHING, true, false,       \
                                false, show, NULL, says                                            \
        }
/* What is no page with a view of its own has no JSON, and says why. */
#define ALONE(where, of_query, shows, what, why)                                                   \
        {                                                                                          \
                .method = HTTP_GET, .pattern = (where), .fields = (of_query), .show = (shows),     \
                .says = (what), .no_json = (why)                                                   \
        }
#define STAFF_ALONE(where, shows, what, why)                                                       \
        {                                                                                          \
                .method = HTTP_GET, .pattern = (where), .who = WHO_STAFF, .show = (shows),         \
                .says = (what), .no_json = (why)                                                   \
        }
#define POSTED(pattern, who, form, act, says)                                                      \
        {                                                                                          \
                HTTP_POST, pattern, who, NULL, NULL, form, HTTP_FORM, false, false, false, NULL,   \
                                act, says                                                          \
        }
/* With the fields of an act: its definition lists them. */
#define ACT(pattern, act, says)                                                                    \
        {                                                                                          \
                HTTP_POST, pattern, WHO_STAFF, NULL, NULL, act_form, HTTP_FORM | HTTP_FILES,       \
                                false, false, true, NULL, act, says                                \
        }

/* What is pasted or uploaded to be looked at: a wrong token shows it again. */
#define PASTED(where, of_form, does, what)                                                         \
        {                                                                                          \
                .method = HTTP_POST, .pattern = (where), .who = WHO_STAFF, .form = (of_form),      \
                .takes = HTTP_FORM | HTTP_FILES, .act = (does), .says = (what), .is_lenient = true \
        }

#define BARE(where, shows, what)                                                                   \
        {                                                                                          \
                .method = HTTP_GET, .pattern = (where), .show = (shows), .says = (what),           \
                .no_json = SHORT_TEXT, .bare = true                                                \
        }

#define FORM(where, of_form, body, lenient, does, what)                                            \
        {                                                                                          \
                .method = HTTP_POST, .pattern = (where), .form = (of_form), .takes = (body),       \
                .act = (does), .says = (what), .is_lenient = (lenient)                             \
        }

/* Of staff; with a wrong token what was typed is shown again. */
#define KEPT(where, of_form, does, what)                                                           \
        {                                                                                          \
                .method = HTTP_POST, .pattern = (where), .who = WHO_STAFF, .form = (of_form),      \
                .takes = HTTP_FORM, .act = (does), .says = (what), .is_lenient = true              \
        }

const struct route routes[] = {
        OPEN("/", NULL, true, false, home_show, "首页：这个机关在办什么、公开什么"),
        OPEN("/services", service_fields, true, false, service_list, "可以申请的服务"),
        OPEN("/services/{}", item_fields, true, false, service_show, "一项服务的办事指南"),
        OPEN("/apply/{}", item_fields, true, false, apply_start, "网上申请：开始"),
        FORM("/apply/{}", begin_form, HTTP_FORM, false, apply_begin, "网上申请：开始"),
        OPEN("/apply/{}/form", step_fields, true, false, apply_form, "网上申请：填写"),
        FORM("/apply/{}/form", step_form, HTTP_FORM | HTTP_FILES, true, apply_take,
                        "网上申请：保存"),
        OPEN("/apply/{}/check", NULL, true, false, apply_check, "网上申请：核对"),
        FORM("/apply/{}/submit", token_form, HTTP_FORM, false, apply_submit, "网上申请：提交"),
        FORM("/apply/{}/drop", token_form, HTTP_FORM, false, apply_drop, "网上申请：删除草稿"),
        OPEN("/resume", resume_fields, true, false, resume_show, "用续办码继续填写"),
        FORM("/resume", resume_form, HTTP_FORM, false, resume_take, "用续办码继续填写"),
        OPEN("/track", track_fields, true, false, track_ask, "查进度：编号和查询码"),
        FORM("/track", track_form, HTTP_FORM, false, track_enter, "查进度：编号和查询码"),
        OPEN("/track/{}", tracked_fields, true, false, track_show, "查进度：办到哪一步"),
        FORM("/track/{}/leave", token_form, HTTP_FORM, false, track_leave, "查进度：退出"),
        OPEN("/track/{}/documents/{}", NULL, true, false, track_paper, "查进度：发给自己的文书"),
        OPEN("/track/{}/{}", NULL, true, false, track_act, "当事人的动作：填写"),
        FORM("/track/{}/{}", once_form, HTTP_FORM | HTTP_FILES, true, track_do,
                        "当事人的动作：提交"),
        ALONE("/mode", mode_fields, mode_switch, "长者模式和标准模式", IS_TURN),
        OPEN("/columns", NULL, true, false, column_list, "公开的栏目"),
        ALONE("/columns/feed", NULL, column_feed_all, "全部公示的订阅（Atom）", IS_FILE),
        OPEN("/columns/{}/{}", column_fields, true, false, column_show, "一个栏目公开的内容"),
        ALONE("/columns/{}/{}/feed", NULL, column_feed, "一个栏目的订阅（Atom）", IS_FILE),
        OPEN("/calculator", calculator_fields, true, false, calculator_show, "期限计算器"),
        OPEN("/reports", NULL, true, false, report_list, "各年度报告"),
        OPEN("/report/{}", NULL, true, true, report_show, "一个年度的报告，每个数据可以点开"),
        OPEN("/figures/{}", figure_fields, true, true, figure_show, "一个数据由哪些办件得出"),
        OPEN("/matters", docket_fields, true, true, docket_show, "公开的办件"),
        OPEN("/matters/{}", NULL, true, false, matter_show, "一件办件公开的内容"),
        OPEN("/matters/{}/documents/{}", NULL, true, false, document_show, "一份公开的文书"),
        OPEN("/ledger/{}", NULL, true, false, proof_show, "一条记录的存证证明"),
        OPEN("/ledger/{}/qr", NULL, true, false, proof_qr, "同一证明的二维码"),
        OPEN("/checkpoints", heads_fields, true, false, heads_show, "账本历次的签名"),
        ALONE("/consistency/{}/{}", NULL, heads_file, "后一次签名接续前一次的证明", IS_FILE),
        ALONE("/checkpoint", NULL, proof_checkpoint, "账本最新的签名", IS_FILE),
        ALONE("/tile/{*}", NULL, tile_show, "账本的哈希，按 C2SP tlog-tiles；条目只供审计",
                        IS_FILE),
        ALONE("/log-keys", NULL, tile_keys, "签名密钥怎样更换", IS_FILE),
        ALONE("/checkpoint/key", NULL, proof_key, "验证签名的公钥", IS_FILE),
        OPEN("/procedures", NULL, true, false, procedure_list, "各项程序"),
        OPEN("/procedures/{}", procedure_fields, true, false, procedure_show,
                        "一项程序：谁、何时、依据"),
        OPEN("/procedures/{}/compare", compare_fields, true, false, compare_show,
                        "两个版本有何不同"),
        OPEN("/draws", NULL, true, false, draw_list, "全部抽取：已预告、已抽取、已作废"),
        OPEN("/draws/{}", NULL, true, false, draw_show, "一批抽取：名录、随机数、结果"),
        ALONE("/draws/{}/{}", NULL, draw_file, "一批抽取的预告和核对文件", IS_FILE),
        OPEN("/registers", NULL, true, false, register_list, "公开的名录"),
        OPEN("/registers/{}", register_fields, true, true, register_show, "一个名录的条目"),
        OPEN("/calendar", year_fields, true, false, calendar_show, "工作日历"),
        OPEN("/help/errors", NULL, true, false, errors_show, "提示与错误代码"),
        OPEN("/openapi", NULL, true, false, openapi_show, "供程序使用的接口说明"),
        ALONE("/help", NULL, help_show, "帮助", FIXED_TEXT),
        ALONE("/accessibility", NULL, accessibility_show, "无障碍声明", FIXED_TEXT),
        OPEN("/sitemap", NULL, true, false, sitemap_show, "网站地图"),
        ALONE("/assets/{}", NULL, asset_show, "样式", IS_FILE),
        BARE("/healthz", health_show, "程序是否在答复"),
        BARE("/readyz", ready_show, "现在能不能办理，不能的说明原因"),
        ALONE("/metrics", NULL, metrics_show, "运行数字", SHORT_TEXT),
        ALONE("/work/sign-in", to_fields, sign_in_show, "工作人员登录", SIGNS_IN),
        POSTED("/work/sign-in", WHO_ANYONE, sign_in_form, sign_in_do, "登录"),
        ALONE("/work/code", to_fields, code_show, "登录的第二步：验证码", SIGNS_IN),
        POSTED("/work/code", WHO_ANYONE, code_form, code_do, "核对验证码"),
        OPEN("/work/password", NULL, true, false, password_show, "修改密码"),
        POSTED("/work/password", WHO_ANYONE, password_form, password_do, "修改密码"),
        WORKED("/work/second-factor", NULL, factor_show, "身份验证器"),
        POSTED("/work/second-factor", WHO_STAFF, factor_form, factor_do, "启用身份验证器"),
        POSTED("/work/sign-out", WHO_ANYONE, sign_out_form, sign_out_do, "退出登录"),
        WORKED("/work", NULL, work_home_show, "我的工作：该办的、快到期的、等别人的"),
        { HTTP_GET, "/work/matters", WHO_STAFF, NULL, work_docket_fields, NULL, HTTP_NOTHING, true,
                        true, false, work_docket_show, NULL, "本人所见的办件" },
        WORKED("/work/draws", NULL, work_draws_show, "抽取台：各批抽取办到哪一步"),
        WORKED("/work/draws/{}", NULL, work_draw_show,
                        "一批抽取的步骤：办了什么、该谁办、还差什么"),
        POSTED("/work/views", WHO_STAFF, view_form, work_view_do, "保存、删除常用的筛选"),
        KEPT("/work/bulk", bulk_form, work_bulk_do, "对选中的办件办理同一个动作"),
        WORKED("/work/new", NULL, work_new_show, "可以新建的办件"),
        WORKED("/work/new/{}/{}", NULL, work_begin_show, "新建办件的表单"),
        ACT("/work/new/{}/{}", work_begin_do, "新建办件"),
        WORKED("/work/matters/{}", done_fields, work_matter_show, "一件办件的全部内容"),
        WORKED("/work/matters/{}/documents/{}", NULL, work_document_show, "一份文书"),
        KEPT("/work/matters/{}/notes", note_form, work_note_do, "写一条备注，只给工作人员看"),
        WORKED("/work/matters/{}/code", NULL, work_code_show, "给丢了查询码的当事人补发"),
        KEPT("/work/matters/{}/code", code_again_form, work_code_do, "补发查询码，只显示一次"),
        { .method = HTTP_GET,
                        .pattern = "/work/matters/{}/proofs/{}",
                        .who = WHO_STAFF,
                        .json = true,
                        .show = work_proof_show,
                        .says = "办件一条记录的存证证明" },
        STAFF_ALONE("/work/matters/{}/files/{}", work_file_show, "一份附件", IS_FILE),
        WORKED("/work/matters/{}/acts/{}", NULL, work_act_show, "办理一个动作的表单"),
        ACT("/work/matters/{}/acts/{}", work_act_do, "办理一个动作"),
        WORKED("/work/dashboard", dashboard_fields, dashboard_show, "总览：在办、期限、今年与上年"),
        STAFF_ALONE("/work/events", events_show, "有新的办理时告诉打开着的页面", IS_STREAM),
        WORKED("/work/admin", NULL, admin_show, "管理：名录、账号、令牌、参数"),
        WORKED("/work/admin/registers/{}", kept_fields, admin_register_show, "由本人管理的名录"),
        WORKED("/work/admin/registers/{}/entry", entry_fields, admin_entry_show,
                        "登记或修改名录的一条"),
        { HTTP_POST, "/work/admin/registers/{}/entry", WHO_STAFF, NULL, entry_fields, act_form,
                        HTTP_FORM | HTTP_FILES, false, false, true, NULL, admin_entry_do,
                        "登记名录的一条" },
        POSTED("/work/admin/registers/{}/end", WHO_STAFF, end_form, admin_entry_end,
                        "终止名录的一条"),
        WORKED("/work/admin/accounts", NULL, accounts_show, "账号：重设密码、结束登录"),
        POSTED("/work/admin/accounts", WHO_STAFF, accounts_form, accounts_do, "账号的操作"),
        WORKED("/work/admin/tokens", NULL, tokens_show, "程序令牌"),
        POSTED("/work/admin/tokens", WHO_STAFF, tokens_form, tokens_do, "生成或停用令牌"),
        WORKED("/work/admin/webhooks", NULL, webhooks_show, "对外推送和通知"),
        POSTED("/work/admin/webhooks", WHO_STAFF, webhooks_form, webhooks_do, "订阅的操作"),
        WORKED("/work/admin/parameters", NULL, parameters_show, "站点设置和参数，只读"),
        WORKED("/work/admin/definitions", name_fields, definitions_show, "定义的检查和比较"),
        PASTED("/work/admin/definitions", definition_form, definitions_check,
                        "检查一个定义，不保存"),
        WORKED("/work/admin/templates", template_fields, templates_show,
                        "文书模板：列表、打印出来的样子"),
        PASTED("/work/admin/templates", template_form, templates_try, "试一个文书模板，不保存"),
        WORKED("/work/admin/standing", NULL, standing_show, "委托代行和回避，以及受影响的办件"),
        WORKED("/work/admin/access", access_fields, access_show, "查阅记录，供审计人员"),
        WORKED("/work/admin/calendar", NULL, notices_show, "放假通知：预览和登记"),
        PASTED("/work/admin/calendar", notice_form, notices_do, "预览或者登记一份放假通知"),
        { HTTP_GET, "/api/matters", WHO_PROGRAM, NULL, work_docket_fields, NULL, HTTP_NOTHING, true,
                        false, false, api_docket, NULL, "所见的办件，一次五十件" },
        { HTTP_GET, "/api/matters/{}", WHO_PROGRAM, NULL, NULL, NULL, HTTP_NOTHING, true, false,
                        false, api_matter, NULL, "一件办件：状态、字段、可以办理的动作" },
        { HTTP_POST, "/api/matters", WHO_PROGRAM, NULL, NULL, NULL, HTTP_JSON, false, false, false,
                        NULL, api_begin, "由程序新建办件" },
        { HTTP_POST, "/api/matters/{}/acts/{}", WHO_PROGRAM, NULL, NULL, NULL, HTTP_JSON, false,
                        false, false, NULL, api_act, "由程序办理一个动作" },
        { .pattern = NULL },
};
/* clang-format on */

/* Does the row's pattern fit the segments? Takes what stands for {}. */
static bool fits(const struct route *route, const struct str *segments, size_t n,
                struct visit *visit)
{
        struct str rest = str_of(route->pattern + 1);
        size_t at = 0, n_parts = 0;
        for (; rest.n != 0; at++) {
                struct str part = str_split(&rest, '/');
                if (at == n)
                        return false;
                if (str_is(part, "{*}"))
                        return true;
                if (str_is(part, "{}"))
                        visit->parts[n_parts++] = segments[at];
                else if (!str_eq(part, segments[at]))
                        return false;
        }
        return at == n;
}

/* Takes ".json" and the like from the last segment and remembers it. */
static struct str take_suffix(struct str segment, struct visit *visit)
{
        static const struct {
                const char *suffix;
                bool json;
                enum sheet_format sheet;
        } rows[] = {
                { ".json", true, SHEET_NONE },
                { ".csv", false, SHEET_CSV },
                { ".xlsx", false, SHEET_XLSX },
        };
        visit->as_json = false;
        visit->sheet = SHEET_NONE;
        for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
                struct str suffix = str_of(rows[i].suffix);
                if (segment.n <= suffix.n || !str_ends(segment, suffix))
                        continue;
                visit->as_json = rows[i].json;
                visit->sheet = rows[i].sheet;
                return str_slice(segment, 0, segment.n - suffix.n);
        }
        return segment;
}

const struct route *route_find(
                enum http_method method, const struct address *address, struct visit *visit)
{
        struct str segments[ADDRESS_SEGMENTS_MAX];
        size_t n = address->n_segments;
        method = method == HTTP_HEAD ? HTTP_GET : method;
        memcpy(segments, address->segments, sizeof(segments));
        if (n != 0)
                segments[n - 1] = take_suffix(segments[n - 1], visit);
        if (visit->as_json && n == 1 && str_is(segments[0], "home"))
                n = 0;
        for (const struct route *route = routes; route->pattern != NULL; route++)
                if (route->method == method && (route->json || !visit->as_json) &&
                                (route->sheet || visit->sheet == SHEET_NONE) &&
                                fits(route, segments, n, visit))
                        return route;
        return NULL;
}

const char *route_methods(const struct address *address)
{
        static const char *const words[] = { NULL, "GET, HEAD", "POST", "GET, HEAD, POST" };
        struct visit visit = { 0 };
        bool get = route_find(HTTP_GET, address, &visit) != NULL;
        bool post = route_find(HTTP_POST, address, &visit) != NULL;
        return words[(get ? 1 : 0) + (post ? 2 : 0)];
}

bool route_check(const struct route *route, const struct address *address, struct err *err)
{
        for (size_t i = 0; route->fields != NULL && route->fields[i] != NULL; i++)
                if (address_field(address, route->fields[i]).n > ROUTE_FIELD_BYTES)
                        return err_field(err, E_HTTP_QUERY, str_of(route->fields[i]),
                                        "最多 %u 字节", ROUTE_FIELD_BYTES);
        return true;
}

void route_print(struct buf *buf)
{
        static const char *const who[] = { "任何人", "工作人员", "程序（凭令牌）" };
        for (const struct route *route = routes; route->pattern != NULL; route++) {
                buf_format(buf, "%s\t%s\t%s", route->method == HTTP_POST ? "POST" : "GET",
                                route->pattern, who[route->who]);
                if (route->role != NULL)
                        buf_format(buf, "：%s", route->role);
                buf_char(buf, '\t');
                for (size_t i = 0; route->form != NULL && route->form[i] != NULL; i++)
                        buf_format(buf, "%s%s", i == 0 ? "" : " ", route->form[i]);
                buf_format(buf, "\t%s\n", route->says);
        }
}
