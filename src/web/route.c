#include "web/route.h"

static const char *const year_fields[] = { "year", NULL };
static const char *const figure_fields[] = { "year", "month", "unit", "after", "at", NULL };
static const char *const docket_fields[] = { "q", "procedure", "state", "unit", "from", "until",
        "after", "at", NULL };
static const char *const procedure_fields[] = { "version", NULL };
static const char *const register_fields[] = { "key", "after", "at", NULL };

const struct route routes[] = {
        { "/", NULL, true, home_show },
        { "/reports", NULL, true, report_list },
        { "/report/{}", NULL, true, report_show, true },
        { "/figures/{}", figure_fields, true, figure_show, true },
        { "/matters", docket_fields, true, docket_show, true },
        { "/matters/{}", NULL, true, matter_show },
        { "/matters/{}/documents/{}", NULL, true, document_show },
        { "/ledger/{}", NULL, true, proof_show },
        { "/checkpoint", NULL, false, proof_checkpoint },
        { "/checkpoint/key", NULL, false, proof_key },
        { "/procedures", NULL, true, procedure_list },
        { "/procedures/{}", procedure_fields, true, procedure_show },
        { "/registers", NULL, true, register_list },
        { "/registers/{}", register_fields, true, register_show, true },
        { "/calendar", year_fields, true, calendar_show },
        { "/assets/{}", NULL, false, asset_show },
        { "/healthz", NULL, false, health_show },
        { "/metrics", NULL, false, metrics_show },
        { NULL, NULL, false, NULL },
};

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

const struct route *route_find(const struct address *address, struct visit *visit)
{
        struct str segments[ADDRESS_SEGMENTS_MAX];
        size_t n = address->n_segments;
        memcpy(segments, address->segments, sizeof(segments));
        if (n != 0)
                segments[n - 1] = take_suffix(segments[n - 1], visit);
        if (visit->as_json && n == 1 && str_is(segments[0], "home"))
                n = 0;
        for (const struct route *route = routes; route->pattern != NULL; route++)
                if ((route->json || !visit->as_json) &&
                                (route->sheet || visit->sheet == SHEET_NONE) &&
                                fits(route, segments, n, visit))
                        return route;
        return NULL;
}

bool route_check(const struct route *route, const struct address *address, struct err *err)
{
        for (size_t i = 0; route->fields != NULL && route->fields[i] != NULL; i++)
                if (address_field(address, route->fields[i]).n > ROUTE_FIELD_BYTES)
                        return err_field(err, E_HTTP_QUERY, str_of(route->fields[i]),
                                        "最多 %u 字节", ROUTE_FIELD_BYTES);
        return true;
}
