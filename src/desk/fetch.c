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
        fetch_may *may; /* NULL: anywhere */
        void *user;
        bool was_refused;
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

/* ---- Addresses that others have written ---- */

/* CURLOPT_OPENSOCKETFUNCTION: after the name was resolved, for each address that is tried. */
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
        struct fetch *fetch = user;
        if (purpose != CURLSOCKTYPE_IPCXN || !fetch->may(fetch->user, &address->addr)) {
                fetch->was_refused = true;
                return CURL_SOCKET_BAD;
        }
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

struct fetch *fetch_open_guarded(struct str ca, fetch_may *may, void *user)
{
        pthread_once(&once, prepare);
        struct arena *arena = arena_open();
        struct fetch *fetch = arena_new(arena, struct fetch);
        *fetch = (struct fetch){
                .arena = arena, .curl = curl_easy_init(), .may = may, .user = user
        };
        if (fetch->curl == NULL)
                abort();
        CURL *curl = fetch->curl;
        MUST(curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https"));
        MUST(curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L));
        MUST(curl_easy_setopt(curl, CURLOPT_PROXY, ""));
        MUST(curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L));
        MUST(curl_easy_setopt(curl, CURLOPT_USERAGENT, "plumbline"));
        MUST(curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket));
        MUST(curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, fetch));
        if (ca.n != 0)
                MUST(curl_easy_setopt(curl, CURLOPT_CAINFO, str_c(arena, ca)));
        return fetch;
}

/* The answer's bytes are counted, and kept nowhere. */
static size_t throw_away(char *bytes, size_t size, size_t n, void *user)
{
        size_t *left = user;
        (void)bytes;
        if (n > *left)
                return 0;
        *left -= n;
        return size * n; /* size is always 1 */
}

static struct curl_slist *header_lines(struct arena *arena, const struct fetch_post_json *asked)
{
        struct curl_slist *lines = curl_slist_append(NULL, "Content-Type: application/json");
        for (size_t i = 0; i < asked->n_headers && lines != NULL; i++)
                lines = curl_slist_append(lines, str_c(arena, asked->headers[i]));
        lines = lines != NULL ? curl_slist_append(lines, "Expect:") : NULL;
        if (lines == NULL)
                abort();
        return lines;
}

bool fetch_post_json(struct arena *arena, struct fetch *fetch, const struct fetch_post_json *asked,
                struct fetched *ret, struct err *err)
{
        CURL *curl = fetch->curl;
        struct curl_slist *lines = header_lines(arena, asked);
        size_t left = asked->limit;
        long status = 0;
        fetch->was_refused = false;
        MUST(curl_easy_setopt(curl, CURLOPT_URL, str_c(arena, asked->url)));
        MUST(curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines));
        MUST(curl_easy_setopt(curl, CURLOPT_POST, 1L));
        MUST(curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)asked->body.n));
        MUST(curl_easy_setopt(curl, CURLOPT_POSTFIELDS, asked->body.p));
        MUST(curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)asked->seconds));
        MUST(curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)asked->seconds));
        MUST(curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, throw_away));
        MUST(curl_easy_setopt(curl, CURLOPT_WRITEDATA, &left));
        CURLcode done = curl_easy_perform(curl);
        MUST(curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL));
        curl_slist_free_all(lines);
        if (done != CURLE_OK && fetch->was_refused)
                return err_set(err, E_FETCH_GUARD, "主机在内网或者本机");
        if (done == CURLE_WRITE_ERROR)
                return err_set(err, E_FETCH, "对方的答复超过 %zu 字节", asked->limit);
        if (done != CURLE_OK)
                return err_set(err, E_FETCH, "%s", curl_easy_strerror(done));
        MUST(curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status));
        *ret = (struct fetched){ (int)status, STR_LIT("") };
        return true;
}
