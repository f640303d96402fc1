#include "web/problem.h"

#include "web/route.h"

static bool accepts(struct str accept, const char *type)
{
        return str_find(accept, str_of(type)) != SIZE_MAX;
}

bool problem_is_wanted(const struct visit *visit)
{
        if (visit->as_json || (visit->route != NULL && visit->route->who == WHO_PROGRAM))
                return true;
        if (visit->request == NULL)
                return false;
        struct str accept = http_header(visit->request, "Accept");
        return (accepts(accept, "application/json") ||
                               accepts(accept, "application/problem+json")) &&
               !accepts(accept, "text/html");
}

void problem_send(struct visit *visit, const struct err *why)
{
        const struct err_text *text = err_text(why->code);
        struct view view = VIEW(visit->arena);
        struct buf out = BUF(visit->arena);
        view_text(&view, "type", str_format(visit->arena, "/help/errors#%s", text->name));
        view_c(&view, "title", text->sentence);
        view_int(&view, "status", http_status(why));
        if (text->kind != ERR_BROKEN)
                view_some(&view, "detail", str_of(why->detail));
        view_c(&view, "code", text->name);
        view_some(&view, "field", str_of(why->field));
        view_some(&view, "hint", str_of(text->hint));
        view_some(&view, "basis", str_of(err_basis(why)));
        struct value value = view_end(&view);
        value_write_json(&out, &value);
        visit_send(visit, "application/problem+json", buf_str(&out));
}

/* ---- /help/errors: what each code means and what to do ---- */

static struct value code_view(struct visit *visit, const struct err_text *text)
{
        struct view item = VIEW(visit->arena);
        view_c(&item, "id", text->name);
        view_c(&item, "label", text->sentence);
        view_text(&item, "note",
                        text->basis[0] != '\0' ? str_format(visit->arena, "%s（%s）", text->hint,
                                                                 text->basis)
                                               : str_of(text->hint));
        return view_end(&item);
}

bool errors_show(struct visit *visit, struct err *err)
{
        static const struct {
                enum err_kind kind;
                const char *title;
        } kinds[] = {
                { ERR_INVALID, "填写或请求有误（400、422 等）" },
                { ERR_DENIED, "没有权限（403）" },
                { ERR_MISSING, "没有找到（404）" },
                { ERR_CONFLICT, "与现状冲突（409）" },
                { ERR_BUSY, "暂时不能办理（503）" },
                { ERR_BROKEN, "系统故障（500）" },
        };
        struct page page = page_begin(visit, "codes", "/", STR_LIT("提示与错误代码"));
        struct view_list groups = VIEW_LIST(visit->arena);
        for (size_t k = 0; k < N_ELEMENTS(kinds); k++) {
                struct view group = VIEW(visit->arena);
                struct view_list items = VIEW_LIST(visit->arena);
                for (size_t i = 1; i < N_ERR_CODES; i++)
                        if (err_texts[i].kind == kinds[k].kind)
                                view_add(&items, code_view(visit, &err_texts[i]));
                view_c(&group, "title", kinds[k].title);
                view_put(&group, "items", view_list_end(&items));
                if (items.n != 0)
                        view_add(&groups, view_end(&group));
        }
        view_put(&page.view, "groups", view_list_end(&groups));
        return page_send(&page, err);
}
