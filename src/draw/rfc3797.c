#include "draw/rfc3797.h"

#include <stdlib.h>

#include "base/limits.h"
#include "draw/ticket.h"

#define NUMBER_DIGITS_MAX 32

/* A number cut into its significant digits: whole without leading zeros,
 * fraction without trailing ones. */
struct number {
        struct str whole, fraction;
};

static bool is_digits(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if (s.p[i] < '0' || s.p[i] > '9')
                        return false;
        return true;
}

static bool parse_number(struct str text, struct number *ret, struct err *err)
{
        struct str fraction = text;
        struct str whole = str_split(&fraction, '.');
        if (whole.n + fraction.n == 0 || text.n > NUMBER_DIGITS_MAX || !is_digits(whole) ||
                        !is_digits(fraction))
                return err_field(err, E_RFC3797, text, "应为十进制数，最多%d位", NUMBER_DIGITS_MAX);
        while (whole.n > 1 && whole.p[0] == '0')
                whole = str_slice(whole, 1, whole.n);
        while (fraction.n > 0 && fraction.p[fraction.n - 1] == '0')
                fraction.n--;
        *ret = (struct number){ whole.n > 0 ? whole : STR_LIT("0"), fraction };
        return true;
}

static int compare_numbers(const void *a, const void *b)
{
        const struct number *x = a, *y = b;
        if (x->whole.n != y->whole.n)
                return x->whole.n > y->whole.n ? 1 : -1;
        int order = str_cmp(x->whole, y->whole);
        return order != 0 ? order : str_cmp(x->fraction, y->fraction);
}

static bool add_source(struct arena *arena, struct buf *buf, const struct rfc3797_source *source,
                struct err *err)
{
        if (source->n_numbers == 0)
                return err_set(err, E_RFC3797, "有一个来源没有数值");
        struct number *numbers = arena_new_array(arena, source->n_numbers, struct number);
        for (size_t i = 0; i < source->n_numbers; i++)
                if (!parse_number(source->numbers[i], &numbers[i], err))
                        return false;
        qsort(numbers, source->n_numbers, sizeof(*numbers), compare_numbers);
        for (size_t i = 0; i < source->n_numbers; i++) {
                buf_str_add(buf, numbers[i].whole);
                buf_char(buf, '.');
                buf_str_add(buf, numbers[i].fraction);
        }
        buf_char(buf, '/');
        return true;
}

bool rfc3797_key(struct arena *arena, const struct rfc3797_source *sources, size_t n_sources,
                struct str *ret, struct err *err)
{
        struct buf buf = BUF(arena);
        if (n_sources == 0)
                return err_set(err, E_RFC3797, "没有来源");
        for (size_t i = 0; i < n_sources; i++) {
                if (!add_source(arena, &buf, &sources[i], err))
                        return false;
                if (buf.n > RFC3797_KEY_MAX)
                        return err_set(err, E_RFC3797, "密钥串超过%d字节", RFC3797_KEY_MAX);
        }
        *ret = buf_str(&buf);
        return true;
}

/* The digest as one big-endian number, modulo. */
static uint32_t digest_modulo(const uint8_t digest[16], uint32_t modulus)
{
        uint32_t rest = 0;
        for (size_t i = 0; i < 16; i++)
                rest = ((rest << 8) | digest[i]) % modulus;
        return rest;
}

bool rfc3797_select(struct arena *arena, struct str key, size_t pool_size, size_t count,
                struct rfc3797_pick *ret, struct err *err)
{
        if (key.n == 0 || key.n > RFC3797_KEY_MAX)
                return err_set(err, E_RFC3797, "密钥串应为1至%d字节", RFC3797_KEY_MAX);
        if (pool_size < 1 || pool_size > RFC3797_POOL_MAX)
                return err_set(err, E_RFC3797, "名单应有1至%d项", RFC3797_POOL_MAX);
        if (count < 1 || count > pool_size)
                return err_set(err, E_RFC3797, "数量应为1至%zu", pool_size);

        uint32_t *left = arena_new_array(arena, pool_size, uint32_t);
        for (size_t i = 0; i < pool_size; i++)
                left[i] = (uint32_t)i + 1;
        char *message = arena_alloc(arena, key.n + 4);
        memcpy(message + 2, key.p, key.n);
        for (size_t round = 0; round < count; round++) {
                message[0] = message[key.n + 2] = (char)(round >> 8);
                message[1] = message[key.n + 3] = (char)(round & 0xFF);
                hasher_md5((struct str){ message, key.n + 4 }, ret[round].digest);
                size_t n_left = pool_size - round;
                uint32_t at = digest_modulo(ret[round].digest, (uint32_t)n_left);
                ret[round].number = left[at];
                memmove(left + at, left + at + 1, (n_left - at - 1) * sizeof(*left));
        }
        return true;
}

struct str rfc3797_probe(struct arena *arena, struct str line)
{
        struct err err;
        int64_t pool_size = 0, count = 0;
        struct str key = str_split(&line, '\t'), size_text = str_split(&line, '\t');
        if (!str_to_int(size_text, &pool_size) || !str_to_int(line, &count) || pool_size < 1 ||
                        pool_size > RFC3797_POOL_MAX || count < 1 || count > pool_size)
                return STR_LIT("bad\t应为：密钥串<TAB>名单长度<TAB>数量");

        struct rfc3797_pick *picks = arena_new_array(arena, (size_t)count, struct rfc3797_pick);
        if (!rfc3797_select(arena, key, (size_t)pool_size, (size_t)count, picks, &err))
                return str_format(arena, "bad\t%s", err.detail);
        struct buf buf = BUF(arena);
        for (size_t i = 0; i < (size_t)count; i++)
                buf_format(&buf, i == 0 ? "%u" : " %u", picks[i].number);
        return buf_str(&buf);
}
