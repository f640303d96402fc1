#include "web/qr.h"

#include <assert.h>
#include <stdlib.h>

#include <qrencode.h>

static struct str path_of(struct arena *arena, const QRcode *code)
{
        struct buf buf = BUF(arena);
        for (int y = 0; y < code->width; y++) {
                const unsigned char *row = code->data + y * code->width;
                for (int x = 0; x < code->width; x++) {
                        int from = x;
                        while (x < code->width && (row[x] & 1) != 0)
                                x++;
                        if (x > from)
                                buf_format(&buf, "M%d %dh%dv1h-%dz", from + QR_QUIET, y + QR_QUIET,
                                                x - from, x - from);
                }
        }
        return buf_str(&buf);
}

static bool encode(struct arena *arena, struct str text, QRencodeMode mode, struct qr *ret)
{
        assert(arena && ret);
        QRinput *input = QRinput_new2(0, QR_ECLEVEL_L);
        QRcode *code = NULL;
        if (input == NULL)
                abort();
        if (text.n != 0 && text.n <= 4296 &&
                        QRinput_append(input, mode, (int)text.n, (const unsigned char *)text.p) ==
                                        0)
                code = QRcode_encodeInput(input);
        QRinput_free(input);
        if (code == NULL)
                return false;
        *ret = (struct qr){ code->width + 2 * QR_QUIET, path_of(arena, code) };
        QRcode_free(code);
        return true;
}

bool qr_encode(struct arena *arena, struct str text, struct qr *ret)
{
        return encode(arena, text, QR_MODE_AN, ret);
}

bool qr_encode_bytes(struct arena *arena, struct str bytes, struct qr *ret)
{
        return encode(arena, bytes, QR_MODE_8, ret);
}
