/* web/proof.c - what lets anybody check an event by himself: its leaf, the way up the tree,
 * the signed head; and, of the fields of a matter that he may see, the public ones. */
#include <assert.h>

#include "desk/history.h"
#include "desk/tree.h"
#include "ledger/proof_pack.h"
#include "projection/kinds.h"
#include "web/disclosure.h"
#include "web/qr.h"
#include "web/route.h"
#include "web/work.h"

struct seen_event {
        struct visit *visit;
        struct past_event event;
        int64_t matter;    /* 0: none */
        int64_t of_matter; /* for its staff: only events of this one; 0 = for strangers */
        struct str url;    /* ... its page */
        struct str number;
        uint64_t size;
        struct hash root, leaf;
        struct merkle_proof path;
        struct str note; /* empty: the event has not been signed for yet */
};

/* ---- The newest signed head ---- */

static bool last_checkpoint(
                struct visit *visit, uint64_t *ret_size, struct str *ret_note, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        *ret_size = 0;
        *ret_note = STR_LIT("");
        if (!snapshot_rows(visit->snapshot, Q_CHECKPOINT_LAST, PARAMS(param_int(0)), &rows, err))
                return false;
        if (rows_next(&rows)) {
                *ret_size = (uint64_t)rows_int(&rows, 0);
                *ret_note = str_copy(visit->arena, rows_text(&rows, 2));
        }
        return rows_end(&rows, err);
}

bool proof_checkpoint(struct visit *visit, struct err *err)
{
        uint64_t size;
        struct str note;
        if (!last_checkpoint(visit, &size, &note, err))
                return false;
        if (note.n == 0)
                return err_set(err, E_NOT_FOUND, "账本还没有签署");
        visit_send(visit, "text/plain; charset=utf-8", note);
        return true;
}

bool proof_key(struct visit *visit, struct err *err)
{
        (void)err;
        struct str key = note_key_format(visit->arena, site_key(visit->portal->site));
        visit_send(visit, "text/plain; charset=utf-8",
                        str_format(visit->arena, "%.*s\n", STR_FMT(key)));
        return true;
}

/* ---- May this event be seen? ---- */

/* Events of no matter: of definitions, calendars, reports, the site; of public registers. */
static bool is_open_kind(const struct seen_event *proof)
{
        static const char *const kinds[] = { "definition", "calendar", "report", "site" };
        struct str rest = proof->event.leaf.procedure;
        struct str kind = str_split(&rest, ':');
        if (str_is(kind, "register"))
                return disclosure_register(catalogue_register(proof->visit->catalogue, rest));
        for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
                if (str_is(kind, kinds[i]))
                        return true;
        return false;
}

/* Of the matter whose staff look at it (work_proof_show); its own page says what it is. */
static bool is_of_matter(const struct seen_event *proof)
{
        return proof->of_matter != 0 && proof->of_matter == proof->matter;
}

static bool find_event(struct seen_event *proof, int64_t seq, struct err *err)
{
        struct visit *visit = proof->visit;
        bool seen;
        struct err why;
        if (!history_event(visit->arena, visit->snapshot, seq, &proof->event, &proof->matter,
                            &why)) {
                *err = why;
                return why.code == E_NOT_FOUND ? err_set(err, E_NOT_FOUND, "%s", "") : false;
        }
        if (proof->matter == 0) {
                seen = proof->of_matter == 0 && is_open_kind(proof);
        } else if (proof->of_matter != 0) {
                seen = is_of_matter(proof);
                proof->number = proof->event.leaf.matter;
        } else if (act_is_among_staff(proof->event.leaf.act)) {
                seen = false; /* among staff */
        } else {
                if (!matter_is_seen(visit->snapshot, proof->matter, visit->today, &seen, err))
                        return false;
                proof->number = proof->event.leaf.matter;
        }
        return seen || err_set(err, E_NOT_FOUND, "%s", "");
}

bool proof_is_seen(struct visit *visit, int64_t seq, bool *ret, struct err *err)
{
        struct seen_event proof = { .visit = visit };
        *ret = find_event(&proof, seq, err);
        return *ret || err->code == E_NOT_FOUND;
}

/* ---- The way up the tree ---- */

static bool prove(struct seen_event *proof, struct err *err)
{
        struct visit *visit = proof->visit;
        enum ledger_hash algorithm = site_config(visit->portal->site)->hash;
        struct rows rows _cleanup_(rows_close) = { 0 };
        uint64_t seq = (uint64_t)proof->event.leaf.seq;
        if (!last_checkpoint(visit, &proof->size, &proof->note, err))
                return false;
        if (proof->size <= seq) {
                if (!snapshot_rows(visit->snapshot, Q_LEDGER_GET, PARAMS(param_int(0)), &rows, err))
                        return false;
                proof->note = STR_LIT("");
                proof->size = rows_next(&rows) ? (uint64_t)rows_int(&rows, 2) : 0;
                if (!rows_end(&rows, err))
                        return false;
        }
        struct tree tree;
        tree_init(&tree, visit->snapshot, algorithm, proof->size);
        struct merkle_source source = tree_source(&tree);
        proof->leaf = merkle_leaf(algorithm, proof->event.leaf_bytes);
        return merkle_root_at(&source, proof->size, &proof->root, err) &&
               merkle_prove_inclusion(&source, seq, proof->size, &proof->path, err);
}

static struct str hex_of(struct arena *arena, const struct hash *hash)
{
        char *hex = arena_alloc(arena, HASH_HEX);
        hash_write_hex(hash->b, HASH_BYTES, hex);
        return (struct str){ hex, HASH_HEX };
}

/* ---- The public fields, proven against the leaf ---- */

static size_t open_names(
                struct seen_event *proof, const struct version *version, const struct str **ret)
{
        const struct value *data = &proof->event.fact.data;
        struct str *names = arena_new_array(proof->visit->arena, data->context.n, struct str);
        size_t n = 0;
        for (size_t i = 0; data->kind == VALUE_CONTEXT && i < data->context.n; i++) {
                int field = version_field(version, data->context.members[i].name);
                const struct field *f = field >= 0 ? &version->fields[field] : NULL;
                if (f != NULL && disclosure_field(f) && f->n_items == 0)
                        names[n++] = data->context.members[i].name;
        }
        *ret = names;
        return n;
}

static bool field_proof(struct seen_event *proof, struct str *ret, struct err *err)
{
        struct visit *visit = proof->visit;
        struct rows rows _cleanup_(rows_close) = { 0 };
        struct matter *matter;
        const struct str *names;
        *ret = STR_LIT("");
        if (proof->matter == 0 || proof->event.erased)
                return true;
        if (!matter_read(visit->arena, visit->snapshot, visit->catalogue, proof->matter, &matter,
                            err))
                return false;
        size_t n = open_names(proof, matter->version, &names);
        if (n == 0)
                return true;
        if (!snapshot_rows(visit->snapshot, Q_EVENT_GET, PARAMS(param_int(proof->event.id)), &rows,
                            err))
                return false;
        if (!rows_next(&rows) || rows_blob(&rows, 5).n != EVENT_SECRET_BYTES)
                return rows_end(&rows, err);
        return ledger_prove_fields(visit->arena, site_config(visit->portal->site)->hash,
                               &proof->event.leaf, proof->event.disclosed,
                               (const uint8_t *)rows_blob(&rows, 5).p, names, n, ret, err) &&
               rows_end(&rows, err);
}

/* ---- /ledger/SEQ.json: what `plumbline proof check` takes ---- */

static bool make_file(struct seen_event *proof, struct str *ret, struct err *err)
{
        struct visit *visit = proof->visit;
        struct proof file = {
                .algorithm = site_config(visit->portal->site)->hash,
                .checkpoint = proof->note,
                .leaf = proof->event.leaf_bytes,
                .inclusion = proof->path,
        };
        if (proof->note.n == 0)
                return err_set(err, E_NOT_FOUND, "账本还没有为这一条签署，请稍后再看");
        if (!field_proof(proof, &file.fields, err))
                return false;
        *ret = proof_format(visit->arena, &file);
        return true;
}

static bool send_file(struct seen_event *proof, struct err *err)
{
        struct visit *visit = proof->visit;
        struct str text;
        if (!make_file(proof, &text, err))
                return false;
        visit_send(visit, "application/json; charset=utf-8", text);
        visit->answer->file_name = str_format(
                        visit->arena, "proof-%lld.json", (long long)proof->event.leaf.seq);
        return true;
}

/* ---- /ledger/SEQ ---- */

static struct str act_label(struct seen_event *proof)
{
        struct str rest = proof->event.leaf.procedure;
        struct str name = str_split(&rest, '@');
        const struct procedure *procedure = catalogue_procedure(proof->visit->catalogue, name);
        const struct version *version =
                        procedure != NULL ? procedure_version(procedure, rest) : NULL;
        int act = version != NULL ? version_act(version, proof->event.leaf.act) : -1;
        if (act >= 0)
                return str_format(proof->visit->arena, "%.*s：%.*s", STR_FMT(procedure->label),
                                STR_FMT(version->acts[act].label));
        return str_format(proof->visit->arena, "%.*s：%.*s", STR_FMT(proof->event.leaf.procedure),
                        STR_FMT(proof->event.leaf.act));
}

/* What the page and the QR code say of the event, and where its files are. */
static void event_view(struct seen_event *proof, struct page *page, struct view *view)
{
        struct visit *visit = proof->visit;
        long long seq = (long long)proof->event.leaf.seq;
        view_int(view, "seq", seq);
        if (proof->number.n != 0) {
                struct str url = proof->of_matter != 0
                                                 ? proof->url
                                                 : visit_url(visit, "/matters/", proof->number);
                view_text(view, "matter_no", proof->number);
                view_text(view, "matter_url", url);
                page_crumb(page, proof->number, url);
        }
        view_text(view, "act", act_label(proof));
        view_moment(view, "at", proof->event.leaf.time);
        if (proof->note.n == 0)
                return;
        if (proof->of_matter != 0) {
                view_text(view, "file_url",
                                str_format(visit->arena, "%.*s/proofs/%lld.json",
                                                STR_FMT(proof->url), seq));
                return;
        }
        view_text(view, "file_url", str_format(visit->arena, "/ledger/%lld.json", seq));
        view_text(view, "qr_url", str_format(visit->arena, "/ledger/%lld/qr", seq));
}

static bool send_proof(struct seen_event *proof, struct err *err)
{
        struct visit *visit = proof->visit;
        struct str seq = str_format(visit->arena, "%lld", (long long)proof->event.leaf.seq);
        struct str title = str_format(
                        visit->arena, "存证第 %.*s 号", STR_FMT(view_grouped(visit->arena, seq)));
        struct page page = proof->of_matter != 0
                                           ? work_begin(visit, "work-proof", "/work/matters", title)
                                           : page_begin(visit, "proof", "/matters", title);
        struct view view = VIEW(visit->arena);
        struct view_list path = VIEW_LIST(visit->arena);
        for (size_t i = 0; i < proof->path.n; i++)
                view_add_text(&path, hex_of(visit->arena, &proof->path.hashes[i]));
        event_view(proof, &page, &view);
        view_text(&view, "leaf", hex_of(visit->arena, &proof->leaf));
        view_text(&view, "leaf_text", proof->event.leaf_bytes);
        view_int(&view, "size", (int64_t)proof->size);
        view_text(&view, "root", hex_of(visit->arena, &proof->root));
        view_put(&view, "path", view_list_end(&path));
        view_some(&view, "checkpoint", proof->note);
        view_put(&page.view, "proof", view_end(&view));
        page_crumb(&page, page.title, STR_LIT(""));
        return page_send(&page, err);
}

static bool begin(struct seen_event *proof, struct err *err)
{
        int64_t seq;
        if (!str_to_int(proof->visit->parts[0], &seq) || seq < 0)
                return err_set(err, E_NOT_FOUND, "%s", "");
        return find_event(proof, seq, err) && prove(proof, err);
}

bool proof_show(struct visit *visit, struct err *err)
{
        struct seen_event proof = { .visit = visit };
        if (!begin(&proof, err))
                return false;
        return visit->as_json ? send_file(&proof, err) : send_proof(&proof, err);
}

/* ---- /work/matters/NUMBER/proofs/SEQ: the same for staff, also of a hidden matter ---- */

bool work_proof_show(struct visit *visit, struct err *err)
{
        struct seen_event proof = { .visit = visit };
        struct matter *matter;
        enum sight sight;
        int64_t seq;
        if (!disclosure_open(visit->arena, visit->snapshot, visit->catalogue, &visit->viewer,
                            visit->parts[0], visit->today, &matter, &sight, err))
                return false;
        if (sight != SIGHT_ALL || !str_to_int(visit->parts[1], &seq) || seq < 0)
                return err_set(err, E_NOT_FOUND, "%s", "");
        proof.of_matter = matter->id;
        proof.url = visit_url(visit, "/work/matters/", matter->number);
        if (!find_event(&proof, seq, err) || !prove(&proof, err))
                return false;
        return visit->as_json ? send_file(&proof, err) : send_proof(&proof, err);
}

/* ---- /ledger/SEQ/qr ---- */

bool proof_qr(struct visit *visit, struct err *err)
{
        struct seen_event proof = { .visit = visit };
        struct str file, packed;
        struct err too_much;
        struct qr qr;
        if (!begin(&proof, err) || !make_file(&proof, &file, err))
                return false;
        struct page page = page_begin(visit, "qr", "/matters",
                        str_format(visit->arena, "存证第 %lld 号的二维码",
                                        (long long)proof.event.leaf.seq));
        struct view view = VIEW(visit->arena), code = VIEW(visit->arena);
        event_view(&proof, &page, &view);
        view_put(&page.view, "proof", view_end(&view));
        if (proof_pack(visit->arena, file, &packed, &too_much) &&
                        qr_encode(visit->arena, packed, &qr)) {
                view_int(&code, "size", qr.size);
                view_text(&code, "path", qr.path);
                view_text(&code, "text", packed);
                view_put(&page.view, "code", view_end(&code));
        }
        page_crumb(&page, page.title, STR_LIT(""));
        return page_send(&page, err);
}
