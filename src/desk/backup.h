/* desk/backup.h - everything a site is, in one file, while work goes on; and back again.
 *
 * A backup is a store of its own (one SQLite file): the records as they stood at one moment
 * between two acts, and beside them in `meta` the settings (site.yaml), the verifier key and
 * the day; files of blobs/ become rows. Whoever has it has personal data: mode 0600.
 *
 * The private key is never in it. It is copied to a file of its own, only when asked: who
 * keeps both in one place has given away the signature with the records. */
#ifndef DESK_BACKUP_H
#define DESK_BACKUP_H

#include "desk/site.h"
#include "ledger/note.h"

/* What is being done, and how far it is; false = give up (E_STORE_STOPPED). May be NULL. */
struct backup_progress {
        bool (*tell)(void *user, const char *what, int64_t done, int64_t total);
        void *user;
};

struct backup_report {
        int64_t size, signed_size; /* events; up to the newest checkpoint */
        struct hash root;          /* of all of them */
        size_t n_files;            /* of blobs/ */
};

/* Makes `to`, which must not be there (E_STORE_EXISTS); `key_to` empty = no private key.
 * Broken off or failed, neither file is there. */
MUST_CHECK bool site_backup(struct site *site, struct str to, struct str key_to,
                const struct backup_progress *progress, struct backup_report *ret, struct err *err);

/* ---- Restoring ---- */

struct restore_options {
        struct str file;
        struct str dir;      /* of the site to be; not there, or empty */
        struct str key_from; /* the private key; empty = the site cannot sign until it has one */
        /* As it stood at a signed head: the one of so many events; or the newest one whose
         * events are not younger than a moment. at_size -1 and at_time 0: all there is. */
        int64_t at_size;
        struct moment at_time;
        struct backup_progress progress;
};

struct restored {
        struct str folder;   /* where it lies until restore_finish() */
        struct note_key key; /* verifier key that the backup names */
        struct hash root;    /* of its events */
        int64_t size, signed_size, n_cut;
        struct moment taken, newest; /* of the backup; of the newest event, 0 = none */
        bool has_key;
        size_t n_files;
};

/* Makes the site in a folder beside `dir`, so that nothing stands in its place before it is
 * whole: the store checked page by page, all sessions ended, and where `at` is given what
 * came later cut off, the tree compared with the signed head, numbers taken back and the
 * read tables folded anew; a later change of the signing key is cut off too (log_keys_cut()).
 * Refused: a file that is no backup, one that is damaged, a folder
 * in use, a key of another ledger, a head that was never signed, and a head from before an
 * erasure (个人信息保护法 第四十七条: the record of the deletion would be gone). */
MUST_CHECK bool restore_begin(struct arena *arena, const struct restore_options *options,
                struct restored *ret, struct err *err);

/* Puts it in its place, or removes what restore_begin() made. */
MUST_CHECK bool restore_finish(const struct restored *restored, struct str dir, struct err *err);
void restore_drop(const struct restored *restored);

/* ---- For both, and for whoever looks at a backup ---- */

#define BACKUP_META_SITE "backup.site"
#define BACKUP_META_KEY  "backup.key"
#define BACKUP_META_TIME "backup.time"
#define BACKUP_BLOB_TYPE "plumbline/site-file" /* a row that was a file of blobs/ */

#endif
