#include "web/pages.h"

#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "desk/files.h"
#include "ledger/hash.h"
#include "template/template.h"

/* Every page, and what it is for: printed on it. Each has a row in pages/README.md. */
static const struct {
        const char *name, *purpose;
} page_names[] = {
        { "accessibility", "这一页说明本站无障碍做到哪一步，遇到障碍怎样反映。" },
        { "apply_check", "这一页用来核对填写的内容，然后提交。" },
        { "apply_form", "这一页用来填写申请，填过的内容自动保存。" },
        { "apply_start", "这一页用来开始一份网上申请。" },
        { "calculator", "这一页用来算一个法定期限的最后一日，并看它是怎样一天一天数出来的。" },
        { "calendar", "这一页用来查哪一天是工作日；所有以工作日计算的期限都按它计算。" },
        { "code", "这一页输入登录的第二步：手机上的验证码。" },
        { "codes", "这一页列出全部提示和错误代码，以及每一个该怎么办。" },
        { "column", "这一页列出依法公开的内容，可以按文字查找，可以订阅。" },
        { "compare", "这一页比较一种程序的两个版本：增加了什么、去掉了什么、改了什么。" },
        { "docket", "这一页用来查找可以公开的办件。" },
        { "document", "这一页是依法公开的文书全文。" },
        { "draw", "这一页说明一批随机抽取：谁在名录里、用哪个公共随机数、抽中了谁，都可以自己核对。" },
        { "draws", "这一页列出全部随机抽取，作废的也在内。" },
        { "entry", "这一页是名录里的一条，以及它每一次登记的时间。" },
        { "error", "这一页说明为什么没有成功，以及接下来可以怎样做。" },
        { "feed", "" },
        { "figure", "这一页说明一个数字怎样定义，由哪些办件或者登记得出。" },
        { "heads", "这一页列出账本历次的签名，并证明后一次完整保留了前一次的全部记录。" },
        { "help", "这一页说明怎样使用本站。" },
        { "home", "这一页是本站的入口。" },
        { "index", "这一页是目录，点开可以看到内容。" },
        { "matter", "这一页说明一个办件办到哪一步、由谁办、到哪一天为止、为什么是这一天。" },
        { "password", "这一页用来修改自己的登录密码。" },
        { "procedure", "这一页说明一种办件的法定程序：谁可以做什么、多长时间之内、依据哪一条。" },
        { "proof", "这一页给出一条记录没有被改动的证明，可以用自己的工具核对。" },
        { "qr", "这一页把一条记录的证明做成二维码，打印后断网也能核对。" },
        { "register", "这一页是公开的名录，列出今天有效的条目。" },
        { "report", "这一页是年度报告，每个数字都可以点开核对。" },
        { "resume", "这一页用来继续填写没有提交的申请。" },
        { "second-factor", "这一页用来启用手机上的身份验证器。" },
        { "service", "这一页说明一项服务谁可以申请、要带什么、多长时间、收不收费、不服怎么办。" },
        { "services", "这一页用来找到要办的事项。" },
        { "sign-in", "这一页供工作人员登录。" },
        { "work-access", "这一页供审计人员查看谁看过谁的个人信息，并取账本条目。" },
        { "work-accounts", "这一页管理别人的登录：重设密码、解除锁定、结束登录。" },
        { "work-act", "这一页办理一个动作：填写它要求的内容。" },
        { "work-bulk", "这一页说明批量办理的每一件办成了没有。" },
        { "work-calendar", "这一页预览一份放假通知会改变哪些日子、哪些期限，然后登记它。" },
        { "work-check", "这一页核对将要记入存证的内容。" },
        { "work-code", "这一页给丢了查询码的当事人补发一个，原来的随即作废。" },
        { "work-dashboard",
                        "这一页给局领导看：在办多少、哪些逾期、今年与上年相比怎样，每个数都可以点开。" },
        { "work-definition", "这一页检查一个定义，画出它的流程，并与现行的比较；核对后再启用。" },
        { "work-docket", "这一页列出您经办的办件。" },
        { "work-document", "这一页是一份文书的全文。" },
        { "work-draw", "这一页是一批抽取的步骤：办了什么、接下来谁可以办、还差什么。" },
        { "work-draws", "这一页列出您经办的抽取，各办到哪一步。" },
        { "work-entry", "这一页登记、修改或者终止名录里的一条，每次都会存证。" },
        { "work-facts", "这一页查看本机的设置和参数，不能修改。" },
        { "work-home", "这一页列出您该办的：逾期的、今天到期的、快到期的、等别人的。" },
        { "work-index", "这一页是管理的目录，只列您可以管理的。" },
        { "work-matter", "这一页是一个办件的全部内容，以及现在谁可以办什么。" },
        { "work-new", "这一页列出您可以新建的办件。" },
        { "track", "这一页说明你的办件办到哪一步、接下来谁办、到哪一天为止，以及你可以做什么。" },
        { "track_act", "这一页用来在你的办件中办理一个动作。" },
        { "track_form", "这一页用来凭办件编号和查询码查进度。" },
        { "track_paper", "这一页是发给你的一份文书的全文，凭你的查询码才能看到。" },
        { "work-proof", "这一页给出一条记录没有被改动的证明，可以交给别人自己核对。" },
        { "work-register", "这一页列出由您管理的一个名录里今天有效的条目。" },
        { "work-standing", "这一页列出委托代行和回避：谁、哪些日子、影响哪些在办事项。" },
        { "work-template", "这一页看一份文书的模板打印出来的样子，可以试改，不保存。" },
        { "work-tokens", "这一页管理程序用的令牌：谁在用、用到哪一天，可以随时停用。" },
        { "work-webhooks",
                        "这一页管理对外推送：推给谁、送到哪一条、哪里送不到；以及等待投递的通知。" },
};

struct pages {
        struct arena *arena;
        struct str folder;
        const struct template *templates[N_ELEMENTS(page_names)];
        struct str css_url, live_url;
        struct value schemas;
        struct asset assets
                        [4]; /* the style sheet; the page that checks proofs offline; the script */
};

static bool read_file(const struct pages *pages, struct str name, struct str *ret, struct err *err)
{
        struct err why;
        struct str path = str_format(
                        pages->arena, "%.*s/%.*s", STR_FMT(pages->folder), STR_FMT(name));
        if (!file_read(pages->arena, path, LIMIT_TEMPLATE_BYTES, ret, &why))
                return err_field(err, E_PAGE_FILE, name, "%s", why.detail);
        return true;
}

/* ---- Templates ---- */

static bool load_part(void *context, struct str name, struct str *ret, struct err *err)
{
        const struct pages *pages = context;
        return read_file(pages, str_format(pages->arena, "pages/%.*s", STR_FMT(name)), ret, err);
}

static bool read_template(struct pages *pages, size_t i, struct err *err)
{
        const struct template_source source = { load_part, pages };
        struct str name = str_format(pages->arena, "pages/%s.html", page_names[i].name), text;
        return read_file(pages, name, &text, err) &&
               template_parse(pages->arena, name, text, TEMPLATE_HTML, &source,
                               &pages->templates[i], err);
}

static size_t page_index(const char *name)
{
        size_t i = 0;
        while (i < N_ELEMENTS(page_names) && strcmp(page_names[i].name, name) != 0)
                i++;
        assert(i < N_ELEMENTS(page_names));
        return i;
}

bool pages_render(const struct pages *pages, const char *name, const struct value *view,
                struct buf *out, struct err *err)
{
        return template_render(pages->templates[page_index(name)], view, out, err);
}

const char *pages_purpose(const char *name)
{
        return page_names[page_index(name)].purpose;
}

/* ---- The style sheet ---- */

static bool read_style(struct pages *pages, struct err *err)
{
        struct str text;
        struct value manifest;
        struct asset *css = &pages->assets[0];
        if (!read_file(pages, STR_LIT("assets/dist/manifest.json"), &text, err))
                return false;
        if (!value_parse_json(pages->arena, text, &manifest, err) || manifest.kind != VALUE_CONTEXT)
                return err_set(err, E_PAGE_FILE, "assets/dist/manifest.json");
        const struct value *name = value_get(&manifest, STR_LIT("css"));
        if (name == NULL || name->kind != VALUE_STRING)
                return err_set(err, E_PAGE_FILE, "assets/dist/manifest.json: css");
        css->name = name->string;
        css->type = "text/css; charset=utf-8";
        pages->css_url = str_format(pages->arena, "/assets/%.*s", STR_FMT(css->name));
        return read_file(pages, str_format(pages->arena, "assets/dist/%.*s", STR_FMT(css->name)),
                               &css->bytes, err) &&
               read_file(pages, str_format(pages->arena, "assets/dist/%.*s.gz", STR_FMT(css->name)),
                               &css->packed, err);
}

/* ---- The page that checks proofs offline: offered for saving, not for showing ---- */

static bool read_verifier(struct pages *pages, struct err *err)
{
        struct asset *html = &pages->assets[1], *script = &pages->assets[2];
        *html = (struct asset){
                .name = STR_LIT("verify.html"), .type = "text/html; charset=utf-8", .is_file = true
        };
        *script = (struct asset){ .name = STR_LIT("verify.js"),
                .type = "text/javascript; charset=utf-8",
                .is_file = true };
        return read_file(pages, STR_LIT("assets/verify/verify.html"), &html->bytes, err) &&
               read_file(pages, STR_LIT("assets/verify/verify.js"), &script->bytes, err);
}

struct str pages_css_url(const struct pages *pages)
{
        return pages->css_url;
}

const struct asset *pages_asset(const struct pages *pages, struct str name)
{
        for (size_t i = 0; i < N_ELEMENTS(pages->assets); i++)
                if (str_eq(pages->assets[i].name, name))
                        return &pages->assets[i];
        return NULL;
}

/* ---- The script ---- */

#define NAME_HEX 12

/* Its name holds the hash of its content, as that of the style sheet does. */
static bool read_script(struct pages *pages, struct err *err)
{
        struct asset *script = &pages->assets[3];
        char hex[HASH_HEX];
        if (!read_file(pages, STR_LIT("assets/live.js"), &script->bytes, err))
                return false;
        struct hash hash = hash_bytes(LEDGER_SHA256, script->bytes);
        hash_write_hex(hash.b, HASH_BYTES, hex);
        script->name = str_format(pages->arena, "live.%.*s.js", NAME_HEX, hex);
        script->type = "text/javascript; charset=utf-8";
        pages->live_url = str_format(pages->arena, "/assets/%.*s", STR_FMT(script->name));
        return true;
}

struct str pages_live_url(const struct pages *pages)
{
        return pages->live_url;
}

/* ---- Schemas ---- */

static bool read_schemas(struct pages *pages, struct err *err)
{
        struct str text;
        struct err why;
        if (!read_file(pages, STR_LIT("pages/schemas.json"), &text, err))
                return false;
        if (!value_parse_json(pages->arena, text, &pages->schemas, &why) ||
                        pages->schemas.kind != VALUE_CONTEXT)
                return err_set(err, E_PAGE_FILE, "pages/schemas.json: %s", why.detail);
        return true;
}

const struct value *pages_schemas(const struct pages *pages)
{
        return &pages->schemas;
}

/* ---- All ---- */

static bool read_all(struct pages *pages, struct err *err)
{
        for (size_t i = 0; i < N_ELEMENTS(page_names); i++)
                if (!read_template(pages, i, err))
                        return false;
        return read_schemas(pages, err) && read_style(pages, err) && read_verifier(pages, err) &&
               read_script(pages, err);
}

bool pages_open(struct str folder, struct pages **ret, struct err *err)
{
        struct arena *arena = arena_open();
        struct pages *pages = arena_new(arena, struct pages);
        *pages = (struct pages){ .arena = arena, .folder = str_copy(arena, folder) };
        if (!read_all(pages, err)) {
                arena_close(&arena);
                return false;
        }
        *ret = pages;
        return true;
}

void pages_close(struct pages **closing)
{
        struct pages *pages = *closing;
        if (pages == NULL)
                return;
        *closing = NULL;
        struct arena *arena = pages->arena;
        arena_close(&arena);
}
