/*
 * mem.h - memory that does not fail, and cleanup at the end of a scope.
 *
 * Out of memory is the one failure that no caller can act on: these functions
 * print a line and end the program with status 1. What comes from outside is
 * limited before it is allocated, so this is not a way for input to stop us.
 */
#ifndef IMGCTL_MEM_H
#define IMGCTL_MEM_H

#include <stddef.h>

#define MEM_RESULT __attribute__((returns_nonnull, warn_unused_result))

MEM_RESULT void *mem_alloc(size_t size);               /* zeroed */
MEM_RESULT void *mem_array(size_t count, size_t size); /* zeroed; overflow-checked */
MEM_RESULT void *mem_resize(void *p, size_t count, size_t size);
MEM_RESULT char *mem_strndup(const char *s, size_t len);
MEM_RESULT char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *mem_strdup(const char *s);                       /* NULL gives NULL */

/* Declare a variable with one of these and it is released when the scope ends. */
#define AUTO_FREE __attribute__((cleanup(mem_cleanup_free)))
#define AUTO_FD __attribute__((cleanup(mem_cleanup_fd))) /* -1 is no file */

void mem_cleanup_free(void *pointer_to_pointer);
void mem_cleanup_fd(int *fd); /* safe to repeat: it is -1 afterwards */

#endif
