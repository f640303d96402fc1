#include "desk/witness_answer.h"

#include <assert.h>

#include "desk/files.h"
#include "desk/log_folder.h"
#include "desk/witness_state.h"

#define LOGS_BYTES_MAX (WITNESS_LOGS_MAX * 512u)

struct request {
        uint64_t old;
        struct hash proof[WITNESS_PROOF_LINES_MAX];
        size_t n_proof;
        struct str note, origin;
};

struct answering {
        struct arena *arena;
        struct str dir;
        struct request request;
        struct note_key *keys; /* of the log */
        size_t n_keys;
        enum ledger_hash algorithm;
        struct checkpoint head, held; /* held.size 0: none yet */
        struct witness_answer *ret;
        struct err *err;
};

/* ---- The logs it watches ---- */

static struct str logs_path(struct arena *arena, struct str dir)
{
        return log_path(arena, dir, STR_LIT("logs"));
}

static bool read_logs(struct arena *arena, struct str dir, struct str *ret, struct err *err)
{
        *ret = STR_LIT("");
        return file_read(arena, logs_path(arena, dir), LOGS_BYTES_MAX, ret, err) ||
               err->code == E_NOT_FOUND;
}

bool witness_watch(struct arena *arena, struct str dir, const struct note_key *key,
                enum ledger_hash algorithm, struct err *err)
{
        struct str text, line = str_format(arena, "%.*s %s\n", STR_FMT(note_key_format(arena, key)),
                                         hash_name(algorithm));
        int lock;
        if (key->algorithm == SIGNATURE_COSIGNATURE)
                return err_set(err, E_NOTE_KEY, "%.*s 是见证人的密钥", STR_FMT(key->name));
        if (!folder_lock(dir, &lock, err))
                return false;
        bool ok = read_logs(arena, dir, &text, err);
        if (ok && str_find(text, line) == SIZE_MAX)
                ok = file_replace(logs_path(arena, dir),
                                     str_format(arena, "%.*s%.*s", STR_FMT(text), STR_FMT(line)),
                                     err) &&
                     folder_sync(dir, err);
        folder_unlock(lock);
        return ok;
}

/* The keys of the log that the note is of. */
static bool find_keys(struct answering *a)
{
        struct str text;
        if (!read_logs(a->arena, a->dir, &text, a->err))
                return false;
        a->keys = arena_new_array(a->arena, WITNESS_LOGS_MAX, struct note_key);
        while (text.n > 0 && a->n_keys < WITNESS_LOGS_MAX) {
                struct str hash = str_split(&text, '\n'), key = str_split(&hash, ' ');
                struct note_key *at = &a->keys[a->n_keys];
                enum ledger_hash algorithm;
                if (!note_key_parse(a->arena, key, at, a->err))
                        return false;
                if (!str_eq(at->name, a->request.origin))
                        continue;
                if (!hash_by_name(hash, &algorithm))
                        return err_set(a->err, E_NOTE_KEY, "logs：%.*s", STR_FMT(hash));
                a->algorithm = algorithm;
                a->n_keys++;
        }
        return true;
}

/* ---- What is asked ---- */

static bool parse_old(struct str line, uint64_t *ret)
{
        int64_t n;
        if (!str_starts(line, STR_LIT("old ")))
                return false;
        line = str_slice(line, 4, line.n);
        if (line.n == 0 || line.p[0] == '-' || (line.n > 1 && line.p[0] == '0') ||
                        !str_to_int(line, &n))
                return false;
        *ret = (uint64_t)n;
        return true;
}

static bool parse_request(struct arena *arena, struct str body, struct request *ret)
{
        struct str line;
        *ret = (struct request){ .n_proof = 0 };
        if (body.n > WITNESS_REQUEST_BYTES_MAX || !parse_old(str_split(&body, '\n'), &ret->old))
                return false;
        while (body.n > 0 && (line = str_split(&body, '\n')).n != 0) {
                struct str bytes;
                if (ret->n_proof == WITNESS_PROOF_LINES_MAX ||
                                !hash_parse_base64(arena, line, &bytes) || bytes.n != HASH_BYTES)
                        return false;
                memcpy(ret->proof[ret->n_proof++].b, bytes.p, HASH_BYTES);
        }
        ret->note = body;
        struct str rest = body;
        ret->origin = str_split(&rest, '\n');
        return ret->origin.n != 0;
}

/* ---- Answers ---- */

/* True, so that to answer is one statement: the machine has not failed. */
static bool say(struct answering *a, int status, struct str body)
{
        a->ret->status = status;
        a->ret->body = body;
        return true;
}

static bool say_size(struct answering *a)
{
        a->ret->type = "text/x.tlog.size";
        return say(a, 409, str_format(a->arena, "%llu\n", (unsigned long long)a->held.size));
}

/* The log signed it, and it cannot be true beside what is held: evidence. */
static bool keep_evidence(struct answering *a)
{
        return witness_keep(a->arena, a->dir, a->head.origin, "refused", a->request.note, a->err);
}

static bool read_held(struct answering *a)
{
        struct str note;
        a->held = (struct checkpoint){ .size = 0, .root = merkle_empty_root(a->algorithm) };
        if (!file_read(a->arena, witness_path(a->arena, a->dir, a->head.origin, "checkpoint"),
                            NOTE_BYTES_MAX, &note, a->err))
                return a->err->code == E_NOT_FOUND;
        return checkpoint_open(
                        a->arena, note, a->head.origin, a->keys, a->n_keys, &a->held, a->err);
}

static bool continues(const struct answering *a)
{
        const struct request *r = &a->request;
        struct err why;
        if (r->old == 0 || r->old == a->head.size)
                return r->n_proof == 0 &&
                       (a->head.size != 0 || hash_eq(&a->head.root, &a->held.root));
        return merkle_verify_consistency(a->algorithm, r->old, a->head.size, r->proof, r->n_proof,
                        &a->held.root, &a->head.root, &why);
}

static bool cosign(struct answering *a, struct moment now)
{
        struct note_signer signer;
        struct str text, line;
        if (!witness_signer(a->arena, a->dir, &signer, a->err))
                return false;
        bool ok = note_open(a->arena, a->request.note, a->keys, a->n_keys, &text, a->err) &&
                  note_cosign(a->arena, text, now, &signer, &line, a->err) &&
                  witness_keep(a->arena, a->dir, a->head.origin, "checkpoint", a->request.note,
                                  a->err);
        explicit_bzero(&signer, sizeof(signer));
        return ok && say(a, 200, line);
}

static bool decide(struct answering *a, struct moment now)
{
        if (!read_held(a))
                return false;
        if (a->request.old != a->held.size)
                return say_size(a);
        if (a->request.old == a->head.size && !hash_eq(&a->held.root, &a->head.root))
                return keep_evidence(a) && say_size(a);
        if (!continues(a))
                return keep_evidence(a) && say(a, 422, STR_LIT("the proof does not hold\n"));
        return cosign(a, now);
}

bool witness_answer(struct arena *arena, struct str dir, struct str body, struct moment now,
                struct witness_answer *ret, struct err *err)
{
        assert(arena && ret && err);
        struct answering a = { .arena = arena, .dir = dir, .ret = ret, .err = err };
        int lock;
        *ret = (struct witness_answer){ .type = "text/plain; charset=utf-8" };
        if (!parse_request(arena, body, &a.request))
                return say(&a, 400, STR_LIT("not a request of tlog-witness\n"));
        if (!find_keys(&a))
                return false;
        if (a.n_keys == 0)
                return say(&a, 404, STR_LIT("not a log that this witness watches\n"));
        if (!checkpoint_open(arena, a.request.note, a.request.origin, a.keys, a.n_keys, &a.head,
                            err)) {
                bool unsigned_note = err->code == E_NOTE_UNSIGNED || err->code == E_NOTE_SIGNATURE;
                return say(&a, unsigned_note ? 403 : 400, STR_LIT("no signature of this log\n"));
        }
        ret->origin = a.head.origin;
        ret->size = a.head.size;
        if (a.request.old > a.head.size)
                return say(&a, 400, STR_LIT("the old size is past the new one\n"));
        /* Looking at what is held and replacing it must be one. */
        if (!folder_lock(dir, &lock, err))
                return false;
        bool ok = decide(&a, now);
        folder_unlock(lock);
        return ok;
}
