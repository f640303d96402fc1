#include "desk/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct path {
        char c[PATH_MAX];
};

static bool path_of(struct str text, struct path *ret, struct err *err)
{
        if (text.n >= sizeof(ret->c))
                return err_set(err, E_LIMIT, "文件路径过长");
        memcpy(ret->c, text.p, text.n);
        ret->c[text.n] = '\0';
        return true;
}

static bool failed(const struct path *path, struct err *err)
{
        return err_set(err, errno == ENOENT ? E_NOT_FOUND : E_IO, "%s：%s", path->c,
                        strerror(errno));
}

bool file_read(struct arena *arena, struct str path, size_t limit, struct str *ret, struct err *err)
{
        struct path p;
        if (!path_of(path, &p, err))
                return false;
        int fd = open(p.c, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return failed(&p, err);
        struct buf buf = BUF(arena);
        char piece[16384];
        ssize_t n;
        while ((n = read(fd, piece, sizeof(piece))) > 0 && buf.n <= limit)
                buf_add(&buf, piece, (size_t)n);
        bool ok = n >= 0 || failed(&p, err);
        close(fd);
        if (ok && buf.n > limit)
                return err_set(err, E_LIMIT, "文件 %s 超过 %zu 字节", p.c, limit);
        if (ok)
                *ret = buf_str(&buf);
        return ok;
}

static bool write_some(int fd, struct str text)
{
        while (text.n > 0) {
                ssize_t n = write(fd, text.p, text.n);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return false;
                text = str_slice(text, (size_t)n, text.n);
        }
        return true;
}

static bool write_all(int fd, struct str text)
{
        return write_some(fd, text) && fsync(fd) == 0;
}

bool file_create(struct str path, struct str text, int mode, struct err *err)
{
        struct path p;
        if (!path_of(path, &p, err))
                return false;
        int fd = open(p.c, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
        if (fd < 0)
                return failed(&p, err);
        bool ok = write_all(fd, text) || failed(&p, err);
        if (close(fd) != 0 && ok)
                ok = failed(&p, err);
        return ok;
}

bool file_replace(struct str path, struct str text, struct err *err)
{
        struct path p, fresh;
        if (!path_of(path, &p, err))
                return false;
        if (snprintf(fresh.c, sizeof(fresh.c), "%s.new", p.c) >= (int)sizeof(fresh.c))
                return err_set(err, E_LIMIT, "文件路径过长");
        unlink(fresh.c);
        if (!file_create(str_of(fresh.c), text, 0666, err))
                return false;
        if (rename(fresh.c, p.c) != 0)
                return failed(&p, err);
        return true;
}

bool file_flush(struct str path, struct err *err)
{
        struct path p;
        if (!path_of(path, &p, err))
                return false;
        int fd = open(p.c, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return failed(&p, err);
        bool ok = fsync(fd) == 0 || failed(&p, err);
        close(fd);
        return ok;
}

struct str folder_of(struct arena *arena, struct str path)
{
        size_t n = path.n;
        while (n > 0 && path.p[n - 1] != '/')
                n--;
        return n == 0 ? STR_LIT(".") : str_copy(arena, str_slice(path, 0, n));
}

static bool copy_bytes(int from, int to, int64_t total,
                bool (*tell)(void *user, int64_t done, int64_t total), void *user,
                const struct path *name, struct err *err)
{
        static const size_t PIECE = (size_t)1 << 20;
        char *piece = malloc(PIECE);
        int64_t done = 0;
        ssize_t n;
        bool ok = true;
        if (piece == NULL)
                abort();
        while (ok && (n = read(from, piece, PIECE)) != 0) {
                if (n < 0 && errno == EINTR)
                        continue;
                ok = (n > 0 && write_some(to, (struct str){ piece, (size_t)n })) ||
                     failed(name, err);
                done += ok ? n : 0;
                if (ok && tell != NULL && !tell(user, done, total))
                        ok = err_set(err, E_STORE_STOPPED, "%lld/%lld 字节", (long long)done,
                                        (long long)total);
        }
        free(piece);
        return ok && (fsync(to) == 0 || failed(name, err));
}

bool file_copy(struct str from, struct str to,
                bool (*tell)(void *user, int64_t done, int64_t total), void *user, struct err *err)
{
        struct path a, b;
        struct stat about;
        if (!path_of(from, &a, err) || !path_of(to, &b, err))
                return false;
        int in = open(a.c, O_RDONLY | O_CLOEXEC);
        if (in < 0)
                return failed(&a, err);
        int out = open(b.c, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        bool ok = out >= 0 || failed(&b, err);
        ok = ok && (fstat(in, &about) == 0 || failed(&a, err)) &&
             copy_bytes(in, out, about.st_size, tell, user, &b, err);
        close(in);
        if (out >= 0 && close(out) != 0 && ok)
                ok = failed(&b, err);
        if (!ok && out >= 0)
                unlink(b.c);
        return ok;
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *ftw)
{
        (void)about;
        (void)type;
        (void)ftw;
        return remove(path);
}

void folder_drop(struct str path)
{
        struct path p;
        struct err ignored;
        if (path_of(path, &p, &ignored))
                (void)nftw(p.c, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

bool file_exists(struct str path)
{
        struct path p;
        struct err ignored;
        return path_of(path, &p, &ignored) && access(p.c, F_OK) == 0;
}

void file_remove(struct str path)
{
        struct path p;
        struct err ignored;
        if (path_of(path, &p, &ignored))
                (void)remove(p.c);
}

bool folder_make(struct str path, int mode, struct err *err)
{
        struct path p;
        if (!path_of(path, &p, err))
                return false;
        if (mkdir(p.c, (mode_t)mode) != 0 && errno != EEXIST)
                return failed(&p, err);
        return true;
}

bool folder_lock(struct str path, int *ret, struct err *err)
{
        struct path p;
        if (!path_of(path, &p, err))
                return false;
        int fd = open(p.c, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return failed(&p, err);
        if (flock(fd, LOCK_EX) != 0) {
                bool ok = failed(&p, err);
                close(fd);
                return ok;
        }
        *ret = fd;
        return true;
}

void folder_unlock(int lock)
{
        close(lock);
}

bool folder_sync(struct str path, struct err *err)
{
        struct path p;
        if (!path_of(path, &p, err))
                return false;
        int fd = open(p.c, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return failed(&p, err);
        bool ok = syncfs(fd) == 0 || failed(&p, err);
        close(fd);
        return ok;
}
