#include <locale.h>

#include "cli/command.h"

int main(int argc, char **argv)
{
        setlocale(LC_CTYPE, "C.UTF-8");
        return cli_main(argc - 1, argv + 1);
}
