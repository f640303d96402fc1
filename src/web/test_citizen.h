/* web/test_citizen.h - a browser of somebody who applies and follows his matter, for tests of pages
 * that only his cookies open. */
#ifndef WEB_TEST_CITIZEN_H
#define WEB_TEST_CITIZEN_H

#include "web/test_browser.h"

/* Has begun to fill in an application of open_case. */
static inline struct browser citizen_begin(void)
{
        struct browser b = { 0 };
        look(&b, "/apply/open_case");
        expect(POST(&b, "/apply/open_case", "party", "applicant", "unit", "bureau"), 303,
                        "Location: /apply/open_case/form?step=1");
        look(&b, "/apply/open_case/form");
        return b;
}

/* Has handed it in; *ret: the address that follows it. */
static inline struct browser citizen_apply(const char **ret)
{
        struct browser b = citizen_begin();
        expect(POST(&b, "/apply/open_case/form", "step", "all", "do", "save", "f.topic", "查询",
                               "f.who", "张三", "f.id_no", "350203199003070014"),
                        303, "/check");
        look(&b, "/apply/open_case/check");
        struct str done = POST(&b, "/apply/open_case/submit", "do", "submit");
        expect(done, 303, "?new=1");
        struct str rest = location(done);
        *ret = str_c(town->arena, str_split(&rest, '?'));
        return b;
}

#endif
