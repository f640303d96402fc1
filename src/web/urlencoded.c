/* web/urlencoded.c - application/x-www-form-urlencoded: name=value&name=value. */
#include "web/address.h"
#include "web/posted.h"

static bool decode(struct arena *arena, struct str raw, struct str *ret, struct err *err)
{
        return address_decode(arena, raw, true, ret) ||
               err_set(err, E_HTTP_FORM, "百分号编码不完整");
}

bool posted_parse_urlencoded(
                struct arena *arena, struct str body, struct posted *ret, struct err *err)
{
        struct posted_list list = { .arena = arena };
        while (body.n != 0) {
                struct posted_field field = { 0 };
                struct str value = str_split(&body, '&');
                struct str name = str_split(&value, '=');
                if (!decode(arena, name, &field.name, err) ||
                                !decode(arena, value, &field.value, err) ||
                                !posted_add(&list, &field, err))
                        return false;
        }
        *ret = (struct posted){ list.fields, list.n };
        return true;
}
