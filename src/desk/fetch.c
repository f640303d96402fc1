#include "desk/fetch.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include <curl/curl.h>

struct fetch {
        struct arena *arena;
        struct str base;
        CURL *curl;
        struct curl_slist *headers;
};

/* libcurl asks for this once in a process, before any thread uses it. */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void prepare(void)
{
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
                abort();
}

bool fetch_is_url(struct str text)
{
        return str_starts(text, STR_LIT("http://")) || str_starts(text, STR_LIT("https://"));
}

static bool is_sound(struct str base)
{
        if (!fetch_is_url(base) || base.n > FETCH_URL_BYTES_MAX)
                return false;
        for (size_t i = 0; i < base.n; i++)
                if (base.p[i] <= ' ' || base.p[i] > '~' || strchr("?#@\\\"<>", base.p[i]) != NULL)
                        return false;
        return !str_ends(base, STR_LIT("//"));
}

/* A token goes into a header: nothing in it may end the line. */
static bool is_token(struct str token)
{
        for (size_t i = 0; i < token.n; i++)
                if (token.p[i] <= ' ' || token.p[i] > '~')
                        return false;
        return token.n <= FETCH_TOKEN_BYTES_MAX;
}

static void add_header(struct fetch *fetch, const char *line)
{
        struct curl_slist *more = curl_slist_append(fetch->headers, line);
        if (more == NULL)
                abort();
        fetch->headers = more;
}

#define MUST(call)                                                                                 \
        do {                                                                                       \
                if ((call) != CURLE_OK)                                                            \
                        abort();                                                                   \
        } while (0)

static void set_up(struct fetch *fetch, struct str token, struct str ca)
{
        CURL *curl = fetch->curl;
        MUST(curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https"));
        MUST(curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L));
        MUST(curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)FETCH_SECONDS));
        MUST(curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)FETCH_CONNECT_SECONDS));
        MUST(curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L));
        MUST(curl_easy_setopt(curl, CURLOPT_USERAGENT, "plumbline"));
        if (ca.n != 0)
                MUST(curl_easy_setopt(curl, CURLOPT_CAINFO, str_c(fetch->arena, ca)));
        if (token.n != 0)
                add_header(fetch, str_c(fetch->arena, str_format(fetch->arena,
                                                                      "Authorization: Bearer %.*s",
                                                                      STR_FMT(token))));
        /* Answers come at once, or not at all. */
        add_header(fetch, "Expect:");
        add_header(fetch, "Content-Type: text/plain; charset=utf-8");
        MUST(curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fetch->headers));
}

bool fetch_open(struct str base, struct str token, struct str ca, struct fetch **ret,
                struct err *err)
{
        assert(ret && err);
        if (str_ends(base, STR_LIT("/")))
                base = str_slice(base, 0, base.n - 1);
        if (!is_sound(base))
                return err_set(err, E_FETCH_URL, "应以 http:// 或 https:// 开头，没有空格和参数");
        if (!is_token(token))
                return err_set(err, E_FETCH_URL, "令牌应是一行可见字符");
        pthread_once(&once, prepare);
        struct arena *arena = arena_open();
        struct fetch *fetch = arena_new(arena, struct fetch);
        *fetch = (struct fetch){
                .arena = arena, .base = str_copy(arena, base), .curl = curl_easy_init()
        };
        if (fetch->curl == NULL)
                abort();
        set_up(fetch, token, ca);
        *ret = fetch;
        return true;
}

void fetch_close(struct fetch **closing)
{
        struct fetch *fetch = *closing;
        if (fetch == NULL)
                return;
        *closing = NULL;
        curl_easy_cleanup(fetch->curl);
        curl_slist_free_all(fetch->headers);
        struct arena *arena = fetch->arena;
        arena_close(&arena);
}

struct taking {
        struct buf body;
        size_t limit;
        bool too_long;
};

static size_t take(char *bytes, size_t size, size_t n, void *user)
{
        struct taking *taking = user;
        if (n > taking->limit - taking->body.n) {
                taking->too_long = true;
                return 0;
        }
        buf_add(&taking->body, bytes, size * n); /* size is always 1 */
        return n;
}

static bool perform(struct arena *arena, struct fetch *fetch, struct str path, size_t limit,
                struct fetched *ret, struct err *err)
{
        struct taking taking = { .body = BUF(arena), .limit = limit };
        struct str url = str_format(arena, "%.*s/%.*s", STR_FMT(fetch->base), STR_FMT(path));
        long status = 0;
        MUST(curl_easy_setopt(fetch->curl, CURLOPT_URL, str_c(arena, url)));
        MUST(curl_easy_setopt(fetch->curl, CURLOPT_WRITEFUNCTION, take));
        MUST(curl_easy_setopt(fetch->curl, CURLOPT_WRITEDATA, &taking));
        CURLcode done = curl_easy_perform(fetch->curl);
        if (taking.too_long)
                return err_set(err, E_FETCH, "%.*s：超过 %zu 字节", STR_FMT(url), limit);
        if (done != CURLE_OK)
                return err_set(err, E_FETCH, "%.*s：%s", STR_FMT(url), curl_easy_strerror(done));
        MUST(curl_easy_getinfo(fetch->curl, CURLINFO_RESPONSE_CODE, &status));
        *ret = (struct fetched){ (int)status, buf_str(&taking.body) };
        return true;
}

bool fetch_get(struct arena *arena, struct fetch *fetch, struct str path, size_t limit,
                struct fetched *ret, struct err *err)
{
        MUST(curl_easy_setopt(fetch->curl, CURLOPT_HTTPGET, 1L));
        return perform(arena, fetch, path, limit, ret, err);
}

bool fetch_post(struct arena *arena, struct fetch *fetch, struct str path, struct str body,
                size_t limit, struct fetched *ret, struct err *err)
{
        MUST(curl_easy_setopt(fetch->curl, CURLOPT_POST, 1L));
        MUST(curl_easy_setopt(fetch->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n));
        MUST(curl_easy_setopt(fetch->curl, CURLOPT_POSTFIELDS, body.p));
        return perform(arena, fetch, path, limit, ret, err);
}
