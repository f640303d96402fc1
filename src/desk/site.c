#include "desk/site.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "base/limits.h"
#include "desk/definitions.h"
#include "desk/desk.h"
#include "desk/files.h"
#include "desk/site_state.h"
#include "ledger/checkpoint.h"
#include "ledger/merkle.h"
#include "projection/projection.h"
#include "projection/rebuild.h"
#include "store/store.h"

#define KEY_BYTES_MAX 4096u

/* What a key file begins with. */
static const struct {
        const char *magic;
        enum signature_algorithm algorithm;
} key_forms[] = {
        { "plumbline-log-key-v1", SIGNATURE_ED25519 },
        { "plumbline-log-key-sm2-v1", SIGNATURE_SM2 },
};

/* ---- What a site says of itself ---- */

const struct site_config *site_config(const struct site *site)
{
        return &site->config;
}

const struct site_facts *site_facts(const struct site *site)
{
        return &site->facts;
}

struct str site_dir(const struct site *site)
{
        return site->dir;
}

struct store *site_store(struct site *site)
{
        return site->store;
}

const struct note_key *site_key(const struct site *site)
{
        return &atomic_load(&site->keyring)->own.key;
}

struct str site_origin(const struct site *site)
{
        return site_key(site)->name;
}

const struct catalogue *site_catalogue(struct site *site)
{
        return atomic_load(&site->catalogue);
}

const struct calendar_set *site_calendars(struct site *site)
{
        return atomic_load(&site->calendars);
}

struct projection *site_projection(struct site *site)
{
        return site->projection;
}

void site_publish(struct site *site)
{
        atomic_store(&site->catalogue, projection_catalogue(site->projection));
        atomic_store(&site->calendars, projection_calendars(site->projection));
}

/* ---- The key that signs ---- */

static struct str in_dir(struct arena *arena, struct str dir, const char *name)
{
        return str_format(arena, "%.*s/%s", STR_FMT(dir), name);
}

static struct str origin_of(struct arena *arena, const struct site_config *config)
{
        return str_format(arena, "plumbline/%.*s", STR_FMT(config->region));
}

static bool init_signer(enum signature_algorithm algorithm, struct str name, const uint8_t *seed,
                struct note_signer *ret, struct err *err)
{
        return algorithm == SIGNATURE_SM2 ? note_sm2_signer_init(name, seed, ret, err)
                                          : note_signer_init(name, seed, ret, err);
}

bool site_make_key(struct arena *arena, struct str path, struct str origin, enum ledger_hash hash,
                struct err *err)
{
        uint8_t seed[SIGNATURE_SEED_BYTES];
        char hex[2 * sizeof(seed)];
        size_t form = hash == LEDGER_SM3;
        do
                if (RAND_bytes(seed, sizeof(seed)) != 1)
                        return err_set(err, E_DESK_ENTROPY, "系统没有给出随机数");
        while (!signature_is_seed(key_forms[form].algorithm, seed));
        hash_write_hex(seed, sizeof(seed), hex);
        struct str text = str_format(arena, "%s %.*s %.*s\n", key_forms[form].magic,
                        STR_FMT(origin), (int)sizeof(hex), hex);
        bool ok = file_create(path, text, 0600, err);
        explicit_bzero(seed, sizeof(seed));
        explicit_bzero(hex, sizeof(hex));
        explicit_bzero((char *)text.p, text.n);
        return ok;
}

static bool parse_key(struct str path, struct str text, struct note_signer *ret, struct err *err)
{
        uint8_t seed[SIGNATURE_SEED_BYTES];
        text = str_trim(text);
        struct str magic = str_split(&text, ' '), name = str_split(&text, ' ');
        size_t form = 0;
        while (form < N_ELEMENTS(key_forms) && !str_is(magic, key_forms[form].magic))
                form++;
        if (form == N_ELEMENTS(key_forms) || !hash_parse_hex(text, seed, sizeof(seed)))
                return err_set(err, E_SITE_KEY, "%.*s", STR_FMT(path));
        bool ok = init_signer(key_forms[form].algorithm, name, seed, ret, err);
        explicit_bzero(seed, sizeof(seed));
        return ok;
}

static bool read_key_file(struct arena *arena, struct str path, struct str *ret, struct err *err)
{
        return file_read(arena, path, KEY_BYTES_MAX, ret, err) ||
               (err->code == E_NOT_FOUND && err_set(err, E_SITE_KEY, "%.*s", STR_FMT(path)));
}

bool site_read_key(struct arena *arena, struct str path, struct note_signer *ret, struct err *err)
{
        struct str text;
        return read_key_file(arena, path, &text, err) && parse_key(path, text, ret, err);
}

static bool is_same(const struct note_signer *a, const struct note_signer *b)
{
        return memcmp(a->seed, b->seed, sizeof(a->seed)) == 0 &&
               a->key.algorithm == b->key.algorithm;
}

/* Takes the names over into the site's arena: they live as long as it does. */
static void put_keyring(struct site *site, const struct keyring *keyring)
{
        struct keyring *now = atomic_load(&site->keyring);
        if (now != NULL && is_same(&now->own, &keyring->own) &&
                        now->has_next == keyring->has_next &&
                        (!now->has_next || is_same(&now->next, &keyring->next)))
                return;
        struct keyring *fresh = calloc(1, sizeof(*fresh));
        if (fresh == NULL)
                abort();
        *fresh = *keyring;
        fresh->before = now;
        fresh->own.key.name = str_copy(site->arena, keyring->own.key.name);
        if (fresh->has_next)
                fresh->next.key.name = str_copy(site->arena, keyring->next.key.name);
        atomic_store(&site->keyring, fresh);
}

static void free_keyrings(struct site *site)
{
        struct keyring *keyring = atomic_load(&site->keyring);
        while (keyring != NULL) {
                struct keyring *before = keyring->before;
                explicit_bzero(keyring, sizeof(*keyring));
                free(keyring);
                keyring = before;
        }
}

/* The next key is looked for first: when it has taken over in between, log.key is it. */
bool site_read_keys(struct site *site, struct err *err)
{
        struct arena *arena _cleanup_(arena_close) = arena_open();
        struct keyring keyring = { .has_next = false };
        struct str next, own, path = in_dir(arena, site->dir, "keys/log.key");
        if (site->dir.n == 0 || site->temporary != NULL || site->cannot_sign)
                return true;
        keyring.has_next = file_read(arena, in_dir(arena, site->dir, "keys/log.key.next"),
                        KEY_BYTES_MAX, &next, err);
        if (!keyring.has_next && err->code != E_NOT_FOUND)
                return false;
        if (!read_key_file(arena, path, &own, err) || !parse_key(path, own, &keyring.own, err) ||
                        (keyring.has_next && !parse_key(path, next, &keyring.next, err)))
                return false;
        if (keyring.has_next && is_same(&keyring.own, &keyring.next))
                keyring.has_next = false;
        put_keyring(site, &keyring);
        explicit_bzero(&keyring, sizeof(keyring));
        return true;
}

/* Was this size signed already by all that sign now? Then the note stays as it is, with the
 * cosignatures it has got since. */
static bool is_signed(
                struct arena *arena, struct site *site, int64_t size, bool *ret, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        struct rows rows _cleanup_(rows_close) = { 0 };
        const struct keyring *keyring = atomic_load(&site->keyring);
        struct str text;
        struct err unsigned_yet;
        *ret = false;
        if (!snapshot_open(site->store, &snapshot, err) ||
                        !snapshot_rows(snapshot, Q_CHECKPOINT_AT,
                                        PARAMS(param_int(0), param_int(size)), &rows, err))
                return false;
        if (rows_next(&rows)) {
                struct str note = str_copy(arena, rows_text(&rows, 0));
                *ret = note_open(arena, note, &keyring->own.key, 1, &text, &unsigned_yet) &&
                       (!keyring->has_next || note_open(arena, note, &keyring->next.key, 1, &text,
                                                              &unsigned_yet));
        }
        return rows_end(&rows, err);
}

bool site_sign_checkpoint(struct site *site, int64_t size, const struct merkle_frontier *frontier,
                struct err *err)
{
        assert(frontier->size == (uint64_t)size);
        if (!site_read_keys(site, err))
                return false;
        struct arena *arena = arena_open();
        const struct keyring *keyring = atomic_load(&site->keyring);
        struct checkpoint checkpoint = { keyring->own.key.name, (uint64_t)size,
                merkle_root(site->config.hash, frontier) };
        struct str note;
        struct tx *tx = NULL;
        bool done, ok = is_signed(arena, site, size, &done, err);
        if (!ok || done) {
                arena_close(&arena);
                return ok;
        }
        struct str root = { (const char *)checkpoint.root.b, HASH_BYTES };
        ok = checkpoint_sign(arena, &checkpoint, &keyring->own, &note, err) &&
             (!keyring->has_next || note_sign_also(arena, note, &keyring->next, &note, err)) &&
             store_begin(site->store, &tx, err) &&
             tx_run(tx, Q_CHECKPOINT_PUT,
                             PARAMS(param_int(0), param_int(size), param_blob(root),
                                             param_text(note)),
                             err) &&
             tx_commit(&tx, err);
        tx_rollback(&tx);
        arena_close(&arena);
        return ok;
}

/* ---- Opening ---- */

struct site_facts site_facts_of(const struct site_config *config)
{
        return (struct site_facts){
                .organ = config->organ,
                .prefix = config->prefix,
                .region = config->region,
                .city = config->city,
                .yellow = config->yellow,
                .red = config->red,
        };
}

static struct site *site_new(const struct site_config *config)
{
        struct site *site = calloc(1, sizeof(*site));
        if (site == NULL)
                abort();
        site->arena = arena_open();
        struct arena *a = site->arena;
        site->config = *config;
        struct str *texts[] = { &site->config.organ, &site->config.prefix, &site->config.region,
                &site->config.city, &site->config.store, &site->config.domain, &site->config.code,
                &site->config.record, &site->config.address, &site->config.phone,
                &site->config.receivers, &site->config.spool };
        for (size_t i = 0; i < N_ELEMENTS(texts); i++)
                *texts[i] = str_copy(a, *texts[i]);
        site->config.parameters = value_copy(a, &config->parameters);
        struct site_witness *witnesses =
                        arena_new_array(a, config->n_witnesses, struct site_witness);
        for (size_t i = 0; i < config->n_witnesses; i++) {
                witnesses[i] = config->witnesses[i];
                witnesses[i].key.name = str_copy(a, config->witnesses[i].key.name);
                witnesses[i].url = str_copy(a, config->witnesses[i].url);
        }
        site->config.witnesses = witnesses;
        site->facts = site_facts_of(&site->config);
        return site;
}

static void remove_temporary(struct site *site)
{
        static const char *const files[] = { "plumbline.db", "plumbline.db-wal",
                "plumbline.db-shm" };
        if (site->temporary == NULL)
                return;
        for (size_t i = 0; i < N_ELEMENTS(files); i++)
                unlink(str_c(site->arena, in_dir(site->arena, str_of(site->temporary), files[i])));
        rmdir(site->temporary);
}

void site_close(struct site **closing)
{
        struct site *site = *closing;
        if (site == NULL)
                return;
        *closing = NULL;
        projection_close(&site->projection);
        store_close(&site->store);
        remove_temporary(site);
        arena_close(&site->arena);
        free_keyrings(site);
        free(site);
}

static bool try_projection(struct site *site, struct err *err)
{
        struct snapshot *snapshot _cleanup_(snapshot_close) = NULL;
        return snapshot_open(site->store, &snapshot, err) &&
               projection_open(snapshot, &site->facts, &site->projection, err);
}

/* A rebuild that was broken off is done again, or nothing could be opened any more. */
static bool open_projection(struct site *site, struct err *err)
{
        if (!try_projection(site, err) &&
                        !(err->code == E_FOLD_UNFINISHED &&
                                        projection_rebuild(site->store, site->store, &site->facts,
                                                        &site->config.parameters, NULL, err) &&
                                        try_projection(site, err)))
                return false;
        projection_set_parameters(site->projection, &site->config.parameters);
        site_publish(site);
        return true;
}

bool site_store_open(struct arena *arena, struct str dir, struct str where,
                const struct store_options *options, struct store **ret, struct err *err)
{
        if (str_is(where, "sqlite"))
                where = in_dir(arena, dir, "plumbline.db");
        else if (!str_starts(where, STR_LIT("postgres")))
                return err_field(err, E_SITE_CONFIG, STR_LIT("store"),
                                "应当是 sqlite 或 postgres://主机/库名#模式名");
        return store_open(str_c(arena, where), options, ret, err);
}

static bool open_store(struct site *site, bool create, struct err *err)
{
        struct store_options options = { .create = create };
        return site_store_open(
                        site->arena, site->dir, site->config.store, &options, &site->store, err);
}

static bool open_in(struct str dir, const struct note_key *key, struct site **ret, struct err *err)
{
        struct arena *arena = arena_open();
        struct site_config config;
        struct str text;
        struct site *site = NULL;
        bool ok = file_read(
                        arena, in_dir(arena, dir, "site.yaml"), LIMIT_DEFINITION_BYTES, &text, err);
        if (!ok && err->code == E_NOT_FOUND)
                err_set(err, E_SITE_NONE, "%.*s", STR_FMT(dir));
        ok = ok && site_config_parse(arena, text, &config, err);
        if (ok) {
                site = site_new(&config);
                site->dir = str_copy(site->arena, dir);
                if (key != NULL) {
                        struct keyring public_half = { .own = { .key = *key } };
                        put_keyring(site, &public_half);
                }
                site->cannot_sign = key != NULL;
                ok = (key != NULL || site_read_keys(site, err)) && open_store(site, false, err) &&
                     open_projection(site, err);
        }
        arena_close(&arena);
        if (ok)
                *ret = site;
        else
                site_close(&site);
        return ok;
}

bool site_open(struct str dir, struct site **ret, struct err *err)
{
        assert(ret && err);
        return open_in(dir, NULL, ret, err);
}

bool site_open_unsigned(
                struct str dir, const struct note_key *key, struct site **ret, struct err *err)
{
        assert(key && ret && err);
        return open_in(dir, key, ret, err);
}

bool site_can_sign(const struct site *site)
{
        return !site->cannot_sign;
}

bool site_open_copy(struct site *site, struct site **ret, struct err *err)
{
        struct site *copy = site_new(&site->config);
        const char *folder = getenv("TMPDIR");
        char *path = (char *)str_c(copy->arena, str_format(copy->arena, "%s/plumbline-XXXXXX",
                                                                folder != NULL ? folder : "/tmp"));
        put_keyring(copy, atomic_load(&site->keyring));
        copy->dir = str_of(path);
        copy->config.store = STR_LIT("sqlite"); /* whatever the site is in */
        bool ok = mkdtemp(path) != NULL || err_set(err, E_IO, "建立临时目录：%s", strerror(errno));
        if (ok) {
                copy->temporary = path;
                ok = store_backup(site->store,
                                     str_c(copy->arena, in_dir(copy->arena, copy->dir,
                                                                        "plumbline.db")),
                                     NULL, NULL, err) &&
                     open_store(copy, false, err) && open_projection(copy, err);
        }
        if (ok)
                *ret = copy;
        else
                site_close(&copy);
        return ok;
}

/* ---- Making ---- */

/* The ledger is there before its first event; both are before the site is. */
static bool make_ledger(struct site *site, struct err *err)
{
        struct merkle_frontier empty = { 0 };
        struct tx *tx = NULL;
        bool ok = store_begin(site->store, &tx, err) &&
                  tx_run(tx, Q_LEDGER_NEW,
                                  PARAMS(param_int(0), param_text(site->config.organ),
                                                  param_text(str_of(hash_name(site->config.hash))),
                                                  param_blob(merkle_frontier_pack(
                                                                  site->arena, &empty))),
                                  err) &&
                  tx_commit(&tx, err);
        tx_rollback(&tx);
        return ok;
}

static bool record_beginning(struct site *site, const struct site_data *data,
                const struct desk_options *options, struct err *err)
{
        struct desk *desk = NULL;
        struct err closing;
        bool ok = desk_open(site, options, &desk, err) && definitions_begin(desk, data, err);
        if (!desk_close(&desk, &closing) && ok) {
                *err = closing;
                ok = false;
        }
        return ok;
}

static struct moment moment_given(void *user)
{
        return *(const struct moment *)user;
}

/* What a making that failed has made of the folder, so that it can be made again there: the key,
 * that has signed nothing, the file of records, folders that are empty. */
static void clear_away(struct site *site, bool made_store, bool made_folder)
{
        static const char *const of_file[] = { "plumbline.db", "plumbline.db-wal",
                "plumbline.db-shm" };
        struct arena *arena = site->arena;
        for (size_t i = 0; made_store && i < N_ELEMENTS(of_file); i++)
                unlink(str_c(arena, in_dir(arena, site->dir, of_file[i])));
        unlink(str_c(arena, in_dir(arena, site->dir, "keys/log.key")));
        rmdir(str_c(arena, in_dir(arena, site->dir, "keys")));
        rmdir(str_c(arena, in_dir(arena, site->dir, "blobs")));
        if (made_folder)
                rmdir(str_c(arena, site->dir));
}

bool site_init(struct str dir, const struct site_config *config, const struct site_data *data,
                struct moment as_of, struct err *err)
{
        assert(config && data && err);
        struct desk_options options = { .without_thread = true };
        if (as_of.second != 0)
                options.clock = (struct desk_clock){ moment_given, &as_of };
        struct arena *arena = arena_open();
        struct site *site = NULL;
        struct site_config again;
        bool made_folder = !file_exists(dir);
        bool ok = site_config_parse(arena, site_config_format(arena, config), &again, err) &&
                  (hash_is_available(config->hash) || err_field(err, E_SITE_CONFIG, STR_LIT("hash"),
                                                                      "本机没有这种算法"));
        if (ok && file_exists(in_dir(arena, dir, "site.yaml")))
                ok = err_set(err, E_SITE_EXISTS, "%.*s", STR_FMT(dir));
        ok = ok && folder_make(dir, 0700, err) &&
             folder_make(in_dir(arena, dir, "keys"), 0700, err) &&
             folder_make(in_dir(arena, dir, "blobs"), 0700, err) &&
             site_make_key(arena, in_dir(arena, dir, "keys/log.key"), origin_of(arena, config),
                             config->hash, err);
        if (ok) {
                site = site_new(config);
                site->dir = str_copy(site->arena, dir);
                ok = site_read_keys(site, err) && open_store(site, true, err) &&
                     make_ledger(site, err) && open_projection(site, err) &&
                     record_beginning(site, data, &options, err);
        }
        /* Last: a folder without site.yaml is no site. */
        ok = ok && file_create(in_dir(arena, dir, "site.yaml"), site_config_format(arena, config),
                                   0644, err);
        if (!ok && site != NULL) {
                bool made_store = site->store != NULL;
                store_discard(&site->store);
                clear_away(site, made_store, made_folder);
        }
        site_close(&site);
        arena_close(&arena);
        return ok;
}

bool site_open_memory(const struct site_config *config, const struct catalogue *catalogue,
                const struct calendar_set *calendars, struct site **ret, struct err *err)
{
        static const uint8_t seed[SIGNATURE_SEED_BYTES] = { 1 };
        struct site *site = site_new(config);
        struct keyring keyring = { .has_next = false };
        bool ok = init_signer(key_forms[config->hash == LEDGER_SM3].algorithm,
                        origin_of(site->arena, &site->config), seed, &keyring.own, err);
        if (ok)
                put_keyring(site, &keyring);
        ok = ok &&
             store_open(":memory:", &(struct store_options){ .create = true }, &site->store, err) &&
             make_ledger(site, err);
        ok = ok && projection_open_with(catalogue, calendars, &site->facts, &site->projection, err);
        if (ok) {
                projection_set_parameters(site->projection, &site->config.parameters);
                site_publish(site);
                *ret = site;
        } else {
                site_close(&site);
        }
        return ok;
}
