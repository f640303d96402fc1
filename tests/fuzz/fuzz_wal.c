/* fuzz/fuzz_wal.c - the log beside a database that a program left, and its index.
 *
 * The first 100 bytes are the beginning of the index (of what is shorter: none), the rest is the
 * log. Whatever they are, something is said of them, and no more pages are told of than there
 * are. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzz.h"
#include "store/wal.h"

#define INDEX_BYTES 100u
#define LEAST_FRAME (24u + 512u)

static char folder[] = "/tmp/plumbline-fuzz-wal-XXXXXX";

static void path_of(char to[64], const char *end)
{
        snprintf(to, 64, "%s/db%s", folder, end);
}

static void leave_nothing(void)
{
        char path[64];
        path_of(path, "-shm");
        unlink(path);
        path_of(path, "-wal");
        unlink(path);
        rmdir(folder);
}

static void write_file(const char *end, const uint8_t *data, size_t size)
{
        char path[64];
        path_of(path, end);
        FILE *file = fopen(path, "wb");
        assert(file != NULL);
        size_t written = fwrite(data, 1, size, file);
        assert(written == size);
        fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static bool made;
        size_t index = size < INDEX_BYTES ? 0 : INDEX_BYTES;
        char path[64];
        struct wal wal;
        struct err err;
        if (!made) {
                made = mkdtemp(folder) != NULL && atexit(leave_nothing) == 0;
                assert(made);
        }
        write_file("-shm", data, index);
        write_file("-wal", data + index, size - index);
        path_of(path, "");
        bool told = wal_look(path, &wal, &err);
        assert(told && wal.bytes == (int64_t)(size - index) && wal.n_users == 0);
        assert(wal.n_frames * LEAST_FRAME <= size);
        assert((wal.n_missing > 0) == (wal.state == WAL_SHORT));
        assert(wal.state != WAL_IN_USE &&
                        (size > index || wal.state == WAL_NONE || wal.state == WAL_SHORT));
        return 0;
}
