/* web/work_note.c - a note on a matter: what staff write down for each other. It is an act like any
 * other (procedure/decide.h: ACT_NOTE), shown to nobody else. */
#include "web/disclosure.h"
#include "web/door.h"
#include "web/route.h"
#include "web/work.h"

struct noting {
        struct str number, text;
        struct member field;
        struct submission submission;
        struct desk_answer answer;
};

static bool noted(struct visit *visit, void *user, struct err *err)
{
        struct noting *n = user;
        struct buf url = BUF(visit->arena);
        if (!n->answer.done)
                return work_matter_send(visit, &n->text, &n->answer.err, err);
        buf_str_add(&url, visit_url(visit, "/work/matters/", n->number));
        visit_query(&url, "done",
                        str_format(visit->arena, "%lld", (long long)n->answer.receipt.seq));
        visit_go(visit, buf_str(&url));
        return true;
}

bool work_note_do(struct visit *visit, struct door *door, struct err *err)
{
        struct noting *n = arena_new(visit->arena, struct noting);
        struct matter *matter;
        enum sight sight;
        struct str key;
        if (!disclosure_open(visit->arena, visit->snapshot, visit->catalogue, &visit->viewer,
                            visit->parts[0], visit->today, &matter, &sight, err))
                return false;
        if (sight != SIGHT_ALL)
                return err_set(err, E_NOT_FOUND, "%s", "");
        n->number = matter->number;
        n->text = visit_posted(visit, "note");
        if (visit->is_forged) {
                struct err why;
                return err_set(&why, E_FORM_TOKEN, "%s", "") ||
                       work_matter_send(visit, &n->text, &why, err);
        }
        if (!work_key(visit, visit_posted(visit, "key"), &key, err))
                return false;
        n->field = (struct member){ STR_LIT("note"), value_string(n->text) };
        n->submission = (struct submission){ .matter = matter->number,
                .act = STR_LIT(ACT_NOTE),
                .by = BY_STAFF,
                .actor = visit->viewer.actor.id,
                .fields = value_context(&n->field, 1),
                .key = key };
        return door_submit(door, visit, &n->submission, &n->answer, noted, n);
}
