#include "web/cookie.h"

#include <assert.h>

struct str cookie_find(struct str header, const char *name)
{
        struct str found = { NULL, 0 };
        size_t n = 0;
        while (header.n != 0) {
                struct str value = str_trim(str_split(&header, ';'));
                if (!str_is(str_trim(str_split(&value, '=')), name))
                        continue;
                found = str_trim(value);
                n++;
        }
        return n == 1 ? found : (struct str){ NULL, 0 };
}

static bool is_plain(struct str value)
{
        for (size_t i = 0; i < value.n; i++) {
                char c = value.p[i];
                if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
                                (c == '\0' || strchr("-_.", c) == NULL))
                        return false;
        }
        return true;
}

struct str cookie_format(struct arena *arena, const char *name, struct str value, bool secure)
{
        assert(is_plain(value));
        assert(!secure || str_starts(str_of(name), STR_LIT("__Host-")));
        return str_format(arena, "%s=%.*s; Path=/; HttpOnly; SameSite=Lax%s%s", name,
                        STR_FMT(value), secure ? "; Secure" : "",
                        value.n == 0 ? "; Max-Age=0" : "");
}
