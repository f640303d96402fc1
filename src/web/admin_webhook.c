/* web/admin_webhook.c - who is told of events, how far each is, and what is done about one that is
 * not reached; and the notices that wait. */
#include "hook/subscription.h"
#include "web/admin.h"
#include "web/door.h"
#include "web/route.h"
#include "web/work.h"

#define NOTES_SHOWN   20u
#define NOTICES_SHOWN 20u

enum verb { VERB_ADD, VERB_END, VERB_RETRY, VERB_SKIP, VERB_RENEW, N_VERBS };

static const struct {
        const char *name, *word, *said;
} verbs[N_VERBS] = {
        [VERB_ADD] = { "add", "新建", "订阅已建立。验签密钥只显示这一次，请立即交给接收方：" },
        [VERB_END] = { "end", "停用", "订阅已停用，不再推送。" },
        [VERB_RETRY] = { "retry", "立即再送", "马上再送一次，结果请稍后刷新查看。" },
        [VERB_SKIP] = { "skip", "跳过", "这一条已跳过，不再推送；已经记下由谁跳过。" },
        [VERB_RENEW] = { "renew", "换密钥", "密钥已更换，旧密钥立即失效。新密钥只显示这一次：" },
};

struct change {
        enum verb verb;
        struct subscription given; /* what was typed; id and position of the one meant */
        struct str who, secret;
        struct moment now;
        bool ok;
        struct err err;
};

/* ---- What is shown ---- */

static struct value hook_view(struct visit *visit, const struct subscription *s, int64_t size)
{
        struct view view = VIEW(visit->arena);
        view_text(&view, "id", s->id);
        view_text(&view, "hook_label", s->label);
        view_text(&view, "hook_url", s->url);
        view_text(&view, "scope", s->filter.n != 0 ? s->filter : STR_LIT("全部公开的办理"));
        view_int(&view, "hook_position", s->position);
        view_int(&view, "behind", s->position < size ? size - s->position : 0);
        view_int(&view, "sent", s->sent);
        if (s->received.second != 0)
                view_moment(&view, "received", s->received);
        view_put(&view, "state",
                        view_tag(visit->arena,
                                        s->failures != 0 ? STR_LIT("送不到") : STR_LIT("正常"),
                                        s->failures != 0 ? "red" : "green"));
        if (s->failures != 0) {
                view_int(&view, "failures", s->failures);
                view_text(&view, "trouble", s->trouble);
                view_moment(&view, "next_try", s->next_try);
        }
        return view_end(&view);
}

static bool add_hooks(struct visit *visit, struct page *page, struct err *err)
{
        struct view_list list = VIEW_LIST(visit->arena);
        const struct subscription *all;
        size_t n;
        int64_t size;
        bool found;
        if (!subscription_list(visit->arena, visit->snapshot, &all, &n, err) ||
                        !snapshot_int(visit->snapshot, Q_LEDGER_SIZE, PARAMS(param_int(0)), &size,
                                        &found, err))
                return false;
        for (size_t i = 0; i < n; i++)
                view_add(&list, hook_view(visit, &all[i], found ? size : 0));
        view_put(&page->view, "hooks", view_list_end(&list));
        return true;
}

/* "skip 12" in words. */
static struct str note_text(struct visit *visit, struct str what)
{
        struct str rest = what, name = str_split(&rest, ' ');
        for (size_t i = 0; i < N_VERBS; i++)
                if (str_is(name, verbs[i].name))
                        return rest.n == 0 ? str_of(verbs[i].word)
                                           : str_format(visit->arena, "%s账本第 %.*s 条",
                                                             verbs[i].word, STR_FMT(rest));
        return what;
}

static bool add_notes(struct visit *visit, struct page *page, struct err *err)
{
        struct view_list list = VIEW_LIST(visit->arena);
        const struct subscription_note *notes;
        size_t n;
        if (!subscription_notes(visit->arena, visit->snapshot, NOTES_SHOWN, &notes, &n, err))
                return false;
        for (size_t i = 0; i < n; i++) {
                struct view view = VIEW(visit->arena);
                view_moment(&view, "at", notes[i].time);
                view_text(&view, "who", visit_staff(visit, notes[i].who));
                view_text(&view, "what", note_text(visit, notes[i].what));
                view_text(&view, "which", notes[i].subscription);
                view_add(&list, view_end(&view));
        }
        view_put(&page->view, "notes", view_list_end(&list));
        return true;
}

/* ---- Notices that wait for whoever can send a message ---- */

static struct str member_text(struct visit *visit, struct str json, const char *name)
{
        struct value body;
        struct err err;
        if (!value_parse_json(visit->arena, json, &body, &err) || body.kind != VALUE_CONTEXT)
                return STR_LIT("");
        const struct value *value = value_get(&body, str_of(name));
        return value != NULL ? value_text(visit->arena, value) : STR_LIT("");
}

/* "unit:north" by its name; a party or a post as it is called. */
static struct str recipient_text(struct visit *visit, struct str recipient)
{
        static const struct str unit = STR_LIT("unit:");
        return str_starts(recipient, unit)
                               ? visit_unit(visit, str_slice(recipient, unit.n, recipient.n))
                               : catalogue_role(visit->catalogue, recipient);
}

static bool add_notices(struct visit *visit, struct page *page, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct view_list list = VIEW_LIST(visit->arena);
        int64_t waiting = 0;
        bool found;
        struct str spool = site_config(visit->portal->site)->spool;
        if (!snapshot_int(visit->snapshot, Q_OUTBOX_COUNT, NO_PARAMS, &waiting, &found, err) ||
                        !snapshot_rows(visit->snapshot, Q_OUTBOX_WAITING,
                                        PARAMS(param_int(NOTICES_SHOWN)), &rows, err))
                return false;
        while (rows_next(&rows)) {
                struct view view = VIEW(visit->arena);
                struct str body = str_copy(visit->arena, rows_text(&rows, 5));
                view_text(&view, "to",
                                recipient_text(visit, str_copy(visit->arena, rows_text(&rows, 3))));
                view_text(&view, "no", member_text(visit, body, "number"));
                view_text(&view, "about", member_text(visit, body, "about"));
                view_add(&list, view_end(&view));
        }
        view_int(&page->view, "waiting", waiting);
        view_some(&page->view, "spool", spool);
        view_yes(&page->view, "nowhere", spool.n == 0);
        view_put(&page->view, "notices", view_list_end(&list));
        return rows_end(&rows, err);
}

static bool send_hooks(
                struct visit *visit, const struct change *c, const struct err *why, struct err *err)
{
        struct page page = admin_begin(visit, "work-webhooks", STR_LIT("对外推送和通知"));
        bool again = c != NULL && c->verb == VERB_ADD && why != NULL;
        page_crumb(&page, page.title, STR_LIT(""));
        if (!add_hooks(visit, &page, err) || !add_notes(visit, &page, err) ||
                        !add_notices(visit, &page, err))
                return false;
        view_text(&page.view, "label", again ? c->given.label : STR_LIT(""));
        view_text(&page.view, "address", again ? c->given.url : STR_LIT(""));
        view_text(&page.view, "filter", again ? c->given.filter : STR_LIT(""));
        view_some(&page.view, "receivers", site_config(visit->portal->site)->receivers);
        if (c != NULL && why == NULL) {
                view_c(&page.view, "said", verbs[c->verb].said);
                view_some(&page.view, "secret", c->secret);
        }
        return work_send(&page, why, err);
}

bool webhooks_show(struct visit *visit, struct err *err)
{
        return admin_is_let_in(visit, err) && send_hooks(visit, NULL, NULL, err);
}

/* ---- What is done: on the worker's thread ---- */

static bool do_verb(struct arena *arena, struct desk *desk, struct change *c)
{
        struct subscription made;
        struct str secret, id = c->given.id;
        switch (c->verb) {
        case VERB_ADD:
                if (!subscription_add(arena, desk, &c->given, c->who, c->now, &made, &c->err))
                        return false;
                c->secret = message_secret_text(arena, made.secret);
                return true;
        case VERB_END:
                return subscription_end(desk, id, c->who, c->now, &c->err);
        case VERB_RETRY:
                return subscription_retry(desk, id, c->who, c->now, &c->err);
        case VERB_SKIP:
                return subscription_skip(desk, id, c->given.position, c->who, c->now, &c->err);
        case VERB_RENEW:
                if (!subscription_renew(arena, desk, id, c->who, c->now, &secret, &c->err))
                        return false;
                c->secret = message_secret_text(arena, secret);
                return true;
        case N_VERBS:
                break;
        }
        return err_set(&c->err, E_HTTP_FORM, "do");
}

static void work_change(struct arena *arena, struct desk *desk, void *user)
{
        struct change *c = user;
        c->ok = do_verb(arena, desk, c);
}

static bool changed(struct visit *visit, void *user, struct err *err)
{
        const struct change *c = user;
        return send_hooks(visit, c, c->ok ? NULL : &c->err, err);
}

bool webhooks_do(struct visit *visit, struct door *door, struct err *err)
{
        struct change *c = arena_new(visit->arena, struct change);
        struct str word = visit_posted(visit, "do"), position = visit_posted(visit, "position");
        if (!admin_is_let_in(visit, err))
                return false;
        while (c->verb < N_VERBS && !str_is(word, verbs[c->verb].name))
                c->verb++;
        if (c->verb == N_VERBS)
                return err_field(err, E_HTTP_FORM, STR_LIT("do"), "没有这项操作");
        if (position.n != 0 && !str_to_int(position, &c->given.position))
                return err_field(err, E_HTTP_FORM, STR_LIT("position"), "应当是整数");
        c->given.id = visit_posted(visit, "id");
        c->given.label = visit_posted(visit, "label");
        c->given.url = visit_posted(visit, "url");
        c->given.filter = visit_posted(visit, "filter");
        c->who = visit->viewer.actor.id;
        c->now = visit->now;
        return door_do(door, visit, work_change, changed, c);
}
