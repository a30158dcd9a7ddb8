/*
 * module.h - parts of imgctl that are loaded when they are first needed.
 *
 * Linking libcurl or libcrypto into the program makes every command pay for
 * loading them (measured: 5 times and 2 times the start of a libc program). So
 * the rooms that use them (and json-c) are shared objects of our own, linked normally
 * against their library, found beside the program (a build tree) or in
 * ../lib/imgctl (an installed one). A build with HTTP=static has them built in.
 */
#ifndef IMGCTL_MODULE_H
#define IMGCTL_MODULE_H

#include "imgctl/error.h"

/*
 * The table of functions that module NAME ("digest", "http", "image", "json") exports as
 * imgctl_NAME_module. Loaded once; later calls return the same. NULL with ERR
 * when it cannot be loaded. Call it from one thread.
 */
const void *module_load(const char *name, struct error *err);

/* The folder of the running program, or NULL; the caller frees it. */
char *module_program_folder(void);

#endif
