/* profiles.h - the profiles that are installed, for tests of what keeps their rules. */
#ifndef PROFILES_H
#define PROFILES_H

#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "imgctl/rules.h"
#include "test.h"

#define PROFILES "share/imgctl/profiles"

/* The caller's to free. Without it there is nothing to test: that ends the program. */
static inline struct profile *profile_named(const char *name)
{
    AUTO_FREE char *path = mem_printf(PROFILES "/%s.json", name);
    AUTO_BUF struct buf text = BUF_INIT;
    struct error err = ERROR_INIT;
    struct profile *p = NULL;
    if (file_read(path, 1 << 20, &text, &err) <= 0 ||
        profile_parse(text.data, text.len, path, &p, &err) < 0) {
        printf("Bail out! %s: %s\n", path, err.message);
        exit(1);
    }
    return p;
}

#endif
