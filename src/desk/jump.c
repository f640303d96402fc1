#include "desk/jump.h"

static int64_t believe(struct jump *jump, int64_t wall, int64_t steady)
{
        *jump = (struct jump){ .begun = true, .wall = wall, .steady = steady };
        return 0;
}

int64_t jump_look(struct jump *jump, int64_t wall, int64_t steady)
{
        int64_t gained = (wall - jump->wall) - (steady - jump->steady);
        if (jump->begun && gained < -JUMP_SLACK)
                return 0; /* backwards: what it was before is what it will be set to again */
        if (!jump->begun || gained <= JUMP_SLACK)
                return believe(jump, wall, steady);
        if (jump->until == 0)
                jump->until = steady + JUMP_HOLD;
        return steady >= jump->until ? believe(jump, wall, steady) : gained;
}
