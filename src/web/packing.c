#include "web/packing.h"

#include <zlib.h>

#define LEVEL       3         /* of 9: a tenth is left of a page; 9 wins a hundredth more */
#define WINDOW_GZIP (15 + 16) /* zlib.h: with the head and the check sum of gzip */
#define MEMORY      8
#define WHOLE       1000 /* q=1 in thousandths */

/* ---- Accept-Encoding ---- */

/* "0.5" -> 500; -1: no qvalue (RFC 9110 section 12.4.2). */
static int read_weight(struct str text)
{
        int weight = 0;
        if (text.n == 0 || text.n > 5 || (text.p[0] != '0' && text.p[0] != '1') ||
                        (text.n > 1 && text.p[1] != '.'))
                return -1;
        for (size_t i = 2, unit = 100; i < text.n; i++, unit /= 10) {
                if (text.p[i] < '0' || text.p[i] > '9')
                        return -1;
                weight += (text.p[i] - '0') * (int)unit;
        }
        weight += text.p[0] == '1' ? WHOLE : 0;
        return weight <= WHOLE ? weight : -1;
}

/* Of one element, "gzip;q=0.8": its name and its weight. */
static int weight_of(struct str element, struct str *ret_name)
{
        *ret_name = str_trim(str_split(&element, ';'));
        element = str_trim(element);
        if (element.n == 0)
                return WHOLE;
        struct str name = str_trim(str_split(&element, '='));
        return str_is(name, "q") || str_is(name, "Q") ? read_weight(str_trim(element)) : -1;
}

static bool is_named(struct str name, const char *what)
{
        size_t i = 0;
        for (; i < name.n && what[i] != '\0'; i++)
                if ((name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] + 32 : name.p[i]) != what[i])
                        return false;
        return i == name.n && what[i] == '\0';
}

bool packing_is_taken(struct str accepted)
{
        int gzip = -1, plain = -1, rest = -1; /* -1: not named */
        while (accepted.n != 0) {
                struct str name;
                int weight = weight_of(str_split(&accepted, ','), &name);
                if (weight < 0)
                        continue;
                if (is_named(name, "gzip") || is_named(name, "x-gzip"))
                        gzip = weight;
                else if (is_named(name, "identity"))
                        plain = weight;
                else if (is_named(name, "*"))
                        rest = weight;
        }
        if (gzip < 0)
                gzip = rest;
        return gzip > 0 && gzip >= plain;
}

/* ---- Packing ---- */

bool packing_is_worth(const char *type)
{
        static const char *const kinds[] = { "text/", "application/json", "application/atom+xml",
                "application/problem+json", "image/svg+xml" };
        for (size_t i = 0; type != NULL && i < N_ELEMENTS(kinds); i++)
                if (str_starts(str_of(type), str_of(kinds[i])))
                        return true;
        return false;
}

bool packing_pack(struct arena *arena, struct str bytes, struct str *ret)
{
        z_stream stream = { 0 };
        if (bytes.n < PACKING_LEAST || bytes.n > UINT32_MAX ||
                        deflateInit2(&stream, LEVEL, Z_DEFLATED, WINDOW_GZIP, MEMORY,
                                        Z_DEFAULT_STRATEGY) != Z_OK)
                return false;
        char *to = arena_alloc(arena, bytes.n); /* more would win nothing */
        union {
                const char *p;
                Bytef *bytes; /* zlib's is not const, though it only reads */
        } from = { .p = bytes.p };
        stream.next_in = from.bytes;
        stream.avail_in = (uInt)bytes.n;
        stream.next_out = (Bytef *)to;
        stream.avail_out = (uInt)bytes.n;
        bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
        size_t n = stream.total_out;
        deflateEnd(&stream);
        if (!done)
                return false;
        *ret = (struct str){ to, n };
        return true;
}
