#include "commands.h"

#define X(name) &cmd_##name,
const struct command *const commands[] = { COMMANDS(X) NULL };
#undef X
