#include "web/answer.h"

#include <assert.h>

#include "ledger/hash.h"
#include "web/packing.h"

#define ETAG_BYTES 12

static const char security_policy[] =
                "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
                "img-src 'self'; font-src 'self'; "
                "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

static void add(struct MHD_Response *response, const char *name, const char *value)
{
        enum MHD_Result added = MHD_add_response_header(response, name, value);
        assert(added == MHD_YES);
}

static const char *keeping_words(enum http_keeping keeping)
{
        static const char *const words[] = { "no-store", "no-cache",
                "public, max-age=31536000, immutable" };
        return words[keeping];
}

static struct str etag_of(struct arena *arena, const struct http_response *answer)
{
        struct hash hash = hash_bytes(LEDGER_SHA256, answer->body);
        char hex[2 * ETAG_BYTES];
        hash_write_hex(hash.b, ETAG_BYTES, hex);
        return str_format(arena, "\"%.*s%s\"", (int)sizeof(hex), hex,
                        answer->encoding != NULL ? "-z" : "");
}

static void add_headers(struct arena *arena, struct MHD_Response *response,
                const struct http_response *answer, struct str etag)
{
        add(response, "Cache-Control", keeping_words(answer->keeping));
        add(response, "Content-Security-Policy", security_policy);
        add(response, "X-Content-Type-Options", "nosniff");
        add(response, "X-Frame-Options", "DENY");
        add(response, "Referrer-Policy", "same-origin");
        add(response, "Cross-Origin-Opener-Policy", "same-origin");
        add(response, "Cross-Origin-Resource-Policy", "same-origin");
        add(response, "Permissions-Policy", "camera=(), geolocation=(), microphone=()");
        if (answer->request != NULL)
                add(response, "X-Request-ID", answer->request);
        if (answer->type != NULL)
                add(response, "Content-Type", answer->type);
        if (answer->keeping == HTTP_FOR_GOOD || answer->may_pack)
                add(response, "Vary", "Accept-Encoding");
        if (answer->encoding != NULL)
                add(response, "Content-Encoding", answer->encoding);
        if (etag.n != 0)
                add(response, "ETag", str_c(arena, etag));
        if (answer->location.n != 0)
                add(response, "Location", str_c(arena, answer->location));
        if (answer->file_name.n != 0)
                add(response, "Content-Disposition",
                                str_c(arena, str_format(arena, "attachment; filename=\"%.*s\"",
                                                             STR_FMT(answer->file_name))));
        if (answer->status == 401)
                add(response, "WWW-Authenticate", "Bearer realm=\"plumbline\"");
        if (answer->status == 405)
                add(response, "Allow", answer->allow != NULL ? answer->allow : "GET, HEAD");
        for (size_t i = 0; i < HTTP_COOKIES_MAX; i++)
                if (answer->cookies[i].n != 0)
                        add(response, "Set-Cookie", str_c(arena, answer->cookies[i]));
        if (answer->status == 400 || answer->status == 405 || answer->status == 411)
                add(response, "Connection", "close");
}

static bool has_already(struct MHD_Connection *mhd, struct str etag)
{
        const char *known = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "If-None-Match");
        return known != NULL && str_find(str_of(known), etag) != SIZE_MAX;
}

/* By what the reader takes; the ETag says so before anything is packed. */
static void choose_encoding(struct MHD_Connection *mhd, struct http_response *answer)
{
        const char *accepted = MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "Accept-Encoding");
        answer->may_pack = answer->may_pack && answer->encoding == NULL && answer->status == 200 &&
                           answer->body.n >= PACKING_LEAST && packing_is_worth(answer->type);
        if (answer->may_pack && accepted != NULL && packing_is_taken(str_of(accepted)))
                answer->encoding = "gzip";
}

static void pack(struct arena *arena, struct http_response *answer)
{
        if (answer->may_pack && answer->encoding != NULL && answer->body.n != 0 &&
                        !packing_pack(arena, answer->body, &answer->body))
                answer->encoding = NULL;
}

bool answer_queue(struct arena *arena, struct MHD_Connection *mhd, struct http_response *answer)
{
        struct str etag = answer->etag;
        choose_encoding(mhd, answer);
        if (etag.n == 0 && answer->status == 200 && answer->keeping != HTTP_STORE_NEVER) {
                etag = etag_of(arena, answer);
                if (has_already(mhd, etag)) {
                        answer->status = 304;
                        answer->body.n = 0;
                }
        }
        pack(arena, answer);
        /* The library's parameter is not const, though it only copies from it. */
        union {
                const char *p;
                void *bytes;
        } body = { .p = answer->body.p };
        struct MHD_Response *response = MHD_create_response_from_buffer(
                        answer->body.n, body.bytes, MHD_RESPMEM_MUST_COPY);
        if (response == NULL)
                return false;
        add_headers(arena, response, answer, etag);
        enum MHD_Result queued = MHD_queue_response(mhd, (unsigned)answer->status, response);
        MHD_destroy_response(response);
        return queued == MHD_YES;
}
