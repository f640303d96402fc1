#include "store/wal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/driver.h" /* E_STORE_IO */

#define HEADER_BYTES 32u
#define FRAME_BYTES  24u /* before its page */
#define PAGE_LEAST   512u
#define PAGE_MOST    65536u
#define MAGIC        0x377f0682u /* its last bit: sums of big-endian words */
#define INDEX_BYTES  100u        /* two headers of 48 bytes, then what of it is in the file */
#define INDEX_HEADER 48u
#define PATH_BYTES   4096u
#define LOCK_OPEN    128 /* the byte of the index that whoever has the database open locks */

/* A log is begun anew over the old one, its first salt one higher. */
#define OLDER_LOGS 65536u

struct sums {
        uint32_t a, b;
};

struct reading {
        int fd;
        bool big;
        size_t page;
        uint8_t salts[8];
        struct sums sums;
        uint8_t frame[FRAME_BYTES + PAGE_MOST];
};

struct index {
        bool is_there;
        uint32_t n_frames, n_in_file;
        uint8_t salts[8];
};

static uint32_t big_word(const uint8_t *p)
{
        return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t own_word(const uint8_t *p)
{
        uint32_t word;
        memcpy(&word, p, sizeof(word));
        return word;
}

static uint32_t little_word(const uint8_t *p)
{
        return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static struct sums sum_on(
                struct sums s, uint32_t (*word)(const uint8_t *), const uint8_t *p, size_t n)
{
        for (size_t i = 0; i + 8 <= n; i += 8) {
                s.a += word(p + i) + s.b;
                s.b += word(p + i + 4) + s.a;
        }
        return s;
}

/* As many bytes as there are, up to n; -1: they cannot be read. */
static ssize_t read_at(int fd, uint8_t *to, size_t n, int64_t from)
{
        size_t got = 0;
        while (got < n) {
                ssize_t more = pread(fd, to + got, n - got, (off_t)(from + (int64_t)got));
                if (more < 0 && errno == EINTR)
                        continue;
                if (more < 0)
                        return -1;
                if (more == 0)
                        break;
                got += (size_t)more;
        }
        return (ssize_t)got;
}

/* ---- Who has it open ---- */

/* The kernel tells of a lock without the file being opened: closing it would give up the locks of
 * this process. A line: "1: POSIX  ADVISORY  READ 1234 fd:01:5678 128 128". */
static bool parse_lock(const char *line, ino_t inode, pid_t *ret)
{
        char kind[16], mode[16];
        int pid;
        unsigned long number;
        long from, to;
        if (sscanf(line, "%*s %15s %*s %15s %d %*x:%*x:%lu %ld %ld", kind, mode, &pid, &number,
                            &from, &to) != 6 ||
                        strcmp(kind, "POSIX") != 0)
                return false;
        *ret = pid;
        return number == (unsigned long)inode && from <= LOCK_OPEN && LOCK_OPEN <= to;
}

void wal_users(const char *path, struct wal *ret)
{
        struct stat about;
        char line[256], index[PATH_BYTES];
        pid_t pid;
        ret->n_users = 0;
        if (snprintf(index, sizeof(index), "%s-shm", path) >= (int)sizeof(index) ||
                        stat(index, &about) != 0)
                return;
        FILE *locks = fopen("/proc/locks", "re");
        while (locks != NULL && fgets(line, sizeof(line), locks) != NULL) {
                if (!parse_lock(line, about.st_ino, &pid))
                        continue;
                if (ret->n_users < WAL_USERS_MAX)
                        ret->users[ret->n_users] = pid;
                ret->n_users++;
        }
        if (locks != NULL)
                fclose(locks);
}

/* ---- The index ---- */

static void read_index(const char *path, struct index *ret)
{
        uint8_t bytes[INDEX_BYTES];
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return;
        ssize_t n = read_at(fd, bytes, sizeof(bytes), 0);
        close(fd);
        if (n != (ssize_t)sizeof(bytes) || memcmp(bytes, bytes + INDEX_HEADER, INDEX_HEADER) != 0)
                return;
        struct sums sums = sum_on((struct sums){ 0, 0 }, own_word, bytes, INDEX_HEADER - 8);
        ret->is_there = bytes[12] == 1 && sums.a == own_word(bytes + 40) &&
                        sums.b == own_word(bytes + 44);
        ret->n_frames = own_word(bytes + 16);
        ret->n_in_file = own_word(bytes + 96);
        memcpy(ret->salts, bytes + 32, sizeof(ret->salts));
}

/* ---- The log ---- */

static bool read_header(struct reading *r)
{
        uint8_t h[HEADER_BYTES];
        if (read_at(r->fd, h, sizeof(h), 0) != (ssize_t)sizeof(h) || (big_word(h) & ~1u) != MAGIC)
                return false;
        r->big = (big_word(h) & 1) != 0;
        r->page = big_word(h + 8);
        memcpy(r->salts, h + 16, sizeof(r->salts));
        r->sums = sum_on((struct sums){ 0, 0 }, r->big ? big_word : little_word, h,
                        HEADER_BYTES - 8);
        return r->sums.a == big_word(h + 24) && r->sums.b == big_word(h + 28) &&
               r->page >= PAGE_LEAST && r->page <= PAGE_MOST && (r->page & (r->page - 1)) == 0;
}

enum frame { FRAME_WHOLE, FRAME_SPOILT, FRAME_OLDER, FRAME_STRANGE, FRAME_CUT, FRAME_NONE };

static enum frame read_frame(struct reading *r, uint64_t index)
{
        size_t size = FRAME_BYTES + r->page;
        ssize_t n = read_at(r->fd, r->frame, size, (int64_t)(HEADER_BYTES + index * size));
        if (n <= 0)
                return FRAME_NONE;
        if ((size_t)n < size)
                return FRAME_CUT;
        if (memcmp(r->frame + 8, r->salts, sizeof(r->salts)) != 0) {
                uint32_t age = big_word(r->salts) - big_word(r->frame + 8);
                return age > 0 && age <= OLDER_LOGS ? FRAME_OLDER : FRAME_STRANGE;
        }
        uint32_t (*word)(const uint8_t *) = r->big ? big_word : little_word;
        struct sums sums = sum_on(r->sums, word, r->frame, 8);
        sums = sum_on(sums, word, r->frame + FRAME_BYTES, r->page);
        if (sums.a != big_word(r->frame + 16) || sums.b != big_word(r->frame + 20))
                return FRAME_SPOILT;
        r->sums = sums;
        return FRAME_WHOLE;
}

/* Is there anything of this log behind the place where it stops making sense? */
static bool goes_on(struct reading *r, uint64_t from)
{
        enum frame frame;
        do {
                frame = read_frame(r, from++);
                if (frame == FRAME_WHOLE || frame == FRAME_SPOILT)
                        return true;
        } while (frame == FRAME_OLDER || frame == FRAME_STRANGE);
        return false;
}

static bool is_blank(const struct reading *r)
{
        for (size_t i = 0; i < FRAME_BYTES + r->page; i++)
                if (r->frame[i] != 0)
                        return false;
        return true;
}

static void read_log(struct reading *r, struct wal *ret)
{
        if (!read_header(r)) {
                ret->state = ret->bytes < HEADER_BYTES ? WAL_TORN : WAL_BROKEN;
                return;
        }
        enum frame frame;
        bool committed = true;
        while ((frame = read_frame(r, ret->n_frames)) == FRAME_WHOLE) {
                ret->n_frames++;
                committed = big_word(r->frame + 4) != 0; /* the file's size, at the end of one */
        }
        bool blank = frame == FRAME_STRANGE && is_blank(r);
        if (frame == FRAME_NONE || (frame == FRAME_OLDER && !goes_on(r, ret->n_frames)))
                ret->state = committed ? WAL_WHOLE : WAL_TORN;
        else if (frame == FRAME_CUT ||
                        ((blank || frame == FRAME_SPOILT) && !goes_on(r, ret->n_frames + 1)))
                ret->state = WAL_TORN;
        else
                ret->state = WAL_BROKEN;
}

/* What the index counts are frames up to the newest commit; those in the file are not missed. */
static void compare(const struct reading *r, const struct index *index, struct wal *ret)
{
        uint64_t there = ret->n_frames > index->n_in_file ? ret->n_frames : index->n_in_file;
        bool same = ret->bytes < HEADER_BYTES ||
                    memcmp(index->salts, r->salts, sizeof(r->salts)) == 0;
        if (!index->is_there || ret->state == WAL_BROKEN || !same)
                return;
        ret->end_is_known = true;
        if (index->n_frames > there) {
                ret->n_missing = index->n_frames - there;
                ret->state = WAL_SHORT;
        } else if (ret->state == WAL_TORN) {
                ret->state = WAL_WHOLE; /* of what it ends in nothing was committed */
        }
}

bool wal_look(const char *path, struct wal *ret, struct err *err)
{
        char log[PATH_BYTES], index_path[PATH_BYTES];
        struct stat about;
        struct index index = { .is_there = false };
        struct wal found = { .state = WAL_NONE };
        if (snprintf(log, sizeof(log), "%s-wal", path) >= (int)sizeof(log) ||
                        snprintf(index_path, sizeof(index_path), "%s-shm", path) >=
                                        (int)sizeof(index_path))
                return err_set(err, E_STORE_IO, "路径过长");
        wal_users(path, &found);
        if (found.n_users > 0) {
                found.state = WAL_IN_USE;
                *ret = found;
                return true;
        }
        read_index(index_path, &index);
        struct reading *r = calloc(1, sizeof(*r));
        if (r == NULL)
                abort();
        r->fd = open(log, O_RDONLY | O_CLOEXEC);
        bool ok = r->fd >= 0 || errno == ENOENT ||
                  err_set(err, E_STORE_IO, "%s：%s", log, strerror(errno));
        if (r->fd >= 0 && fstat(r->fd, &about) == 0)
                found.bytes = about.st_size;
        if (found.bytes > 0)
                read_log(r, &found);
        compare(r, &index, &found);
        if (r->fd >= 0)
                close(r->fd);
        free(r);
        if (ok)
                *ret = found;
        return ok;
}
