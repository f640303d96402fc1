#include "store/copy.h"

static bool copy_table(const struct driver *driver, struct link *from,
                const struct store_table *table, struct tx *tx, struct err *err)
{
        struct rows rows _cleanup_(rows_close) = { 0 };
        return driver->rows(from, table->all, NO_PARAMS, &rows, err) &&
               tx_load(tx, table, &rows, err);
}

bool copy_rows(const struct driver *driver, struct link *from, struct store *to,
                bool (*progress)(void *user, int64_t done, int64_t total), void *user,
                struct err *err)
{
        struct tx *tx _cleanup_(tx_rollback) = NULL;
        int64_t done = 0, total = 0;
        while (store_tables[total].name != NULL)
                total++;
        if (!store_begin(to, &tx, err))
                return false;
        for (; done < total; done++) {
                if (progress != NULL && !progress(user, done, total))
                        return err_set(err, E_STORE_STOPPED, "%lld/%lld 张表", (long long)done,
                                        (long long)total);
                if (!copy_table(driver, from, &store_tables[done], tx, err))
                        return false;
        }
        return tx_commit(&tx, err);
}
