/* web/admin_access.c - /work/admin/access: who was shown whose personal data, for auditors.
 *
 * Every page of the workbench that shows personal fields leaves a row (door_note_reading()); here
 * they are read, by person, matter and day. For AUDITOR_ROLE alone: whoever administers accounts
 * does not watch himself. From here an auditor also comes to the entry bundles of the log. */
#include "ledger/tile.h"
#include "projection/access.h"
#include "projection/matter_read.h"
#include "web/admin.h"
#include "web/route.h"

#define HERE          "/work/admin/access"
#define BUNDLES_SHOWN 5

static bool read_filter(
                struct visit *visit, struct access_filter *ret, bool *ret_none, struct err *err)
{
        struct str number = str_trim(visit_field(visit, "matter"));
        struct err why;
        *ret = (struct access_filter){ .staff = str_trim(visit_field(visit, "staff")),
                .limit = VISIT_PAGE_ROWS + 1 };
        *ret_none = false;
        if (!visit_date(visit, "from", &ret->from, err) ||
                        !visit_date(visit, "until", &ret->until, err) ||
                        !visit_int(visit, "below", INT64_MAX, 0, &ret->below, err))
                return false;
        if (number.n != 0 && !matter_find(visit->snapshot, number, &ret->matter, &why)) {
                *ret_none = why.code == E_NOT_FOUND;
                if (!*ret_none)
                        *err = why;
                return *ret_none;
        }
        return true;
}

/* "who id_no" as the definition labels them. */
static struct str field_labels(struct visit *visit, const struct access_row *row)
{
        const struct procedure *procedure = catalogue_procedure(visit->catalogue, row->procedure);
        const struct version *version =
                        procedure != NULL ? procedure_version(procedure, row->version) : NULL;
        struct buf buf = BUF(visit->arena);
        struct str rest = row->fields;
        while (rest.n != 0) {
                struct str name = str_trim(str_split(&rest, ' '));
                int i = version != NULL ? version_field(version, name) : -1;
                if (name.n == 0)
                        continue;
                if (buf.n != 0)
                        buf_c(&buf, "、");
                buf_str_add(&buf, i >= 0 ? version->fields[i].label : name);
        }
        return buf_str(&buf);
}

static struct str with_filter(struct visit *visit, const char *name, struct str value)
{
        struct buf url = BUF(visit->arena);
        buf_c(&url, HERE);
        visit_query(&url, name, value);
        return buf_str(&url);
}

static struct value row_view(struct visit *visit, const struct access_row *row)
{
        struct view view = VIEW(visit->arena);
        view_moment(&view, "at", row->time);
        view_text(&view, "reader", visit_staff(visit, row->staff));
        view_text(&view, "reader_id", row->staff);
        view_text(&view, "reader_url", with_filter(visit, "staff", row->staff));
        view_text(&view, "no", row->number.n != 0 ? row->number : STR_LIT("—"));
        view_text(&view, "matter_url", with_filter(visit, "matter", row->number));
        view_text(&view, "seen", field_labels(visit, row));
        return view_end(&view);
}

static struct str next_url(struct visit *visit, int64_t below)
{
        static const char *const names[] = { "staff", "matter", "from", "until" };
        struct buf url = BUF(visit->arena);
        buf_c(&url, HERE);
        for (size_t i = 0; i < N_ELEMENTS(names); i++)
                visit_query(&url, names[i], visit_field(visit, names[i]));
        visit_query(&url, "below", str_format(visit->arena, "%lld", (long long)below));
        return buf_str(&url);
}

/* The newest whole and partial bundles of what is signed. */
static bool bundles_view(struct visit *visit, struct value *ret, struct err *err)
{
        struct view_list list = VIEW_LIST(visit->arena);
        int64_t size = 0;
        bool found;
        if (!snapshot_int(visit->snapshot, Q_LEDGER_SIGNED, PARAMS(param_int(0)), &size, &found,
                            err))
                return false;
        uint64_t n = found && size > 0 ? ((uint64_t)size + TILE_HASHES - 1) / TILE_HASHES : 0;
        for (uint64_t i = n; i-- > 0 && list.n < BUNDLES_SHOWN;) {
                const struct tile_name name = {
                        .is_entries = true, .index = i, .width = tile_width(0, i, (uint64_t)size)
                };
                struct view view = VIEW(visit->arena);
                view_text(&view, "label",
                                str_format(visit->arena, "第 %llu 至 %llu 条",
                                                (unsigned long long)(i * TILE_HASHES),
                                                (unsigned long long)(i * TILE_HASHES + name.width -
                                                                     1)));
                view_text(&view, "url",
                                str_format(visit->arena, "/%.*s",
                                                STR_FMT(tile_format(visit->arena, &name))));
                view_add(&list, view_end(&view));
        }
        *ret = view_list_end(&list);
        return true;
}

static struct value filter_view(struct visit *visit)
{
        struct view view = VIEW(visit->arena);
        view_text(&view, "staff", visit_field(visit, "staff"));
        view_text(&view, "matter", visit_field(visit, "matter"));
        view_text(&view, "from", visit_field(visit, "from"));
        view_text(&view, "until", visit_field(visit, "until"));
        return view_end(&view);
}

bool access_show(struct visit *visit, struct err *err)
{
        struct access_filter filter;
        const struct access_row *rows = NULL;
        struct value bundles;
        size_t n = 0;
        bool none;
        if (!admin_is_auditor(visit))
                return err_set(err, E_NOT_FOUND, "%s", "");
        if (!read_filter(visit, &filter, &none, err) ||
                        (!none && !access_rows(visit->arena, visit->snapshot, &filter, &rows, &n,
                                                  err)) ||
                        !bundles_view(visit, &bundles, err))
                return false;
        struct page page = admin_begin(visit, "work-access", STR_LIT("查阅记录"));
        struct view_list list = VIEW_LIST(visit->arena);
        page_crumb(&page, page.title, STR_LIT(""));
        for (size_t i = 0; i < n && i < VISIT_PAGE_ROWS; i++)
                view_add(&list, row_view(visit, &rows[i]));
        view_put(&page.view, "filter", filter_view(visit));
        view_put(&page.view, "rows", view_list_end(&list));
        view_put(&page.view, "bundles", bundles);
        if (n > VISIT_PAGE_ROWS)
                view_text(&page.view, "next_url", next_url(visit, rows[VISIT_PAGE_ROWS - 1].id));
        return page_send(&page, err);
}
