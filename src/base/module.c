#include "imgctl/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imgctl/mem.h"

char *module_program_folder(void)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len <= 0) {
        return NULL;
    }
    path[len] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash) {
        return NULL;
    }
    *slash = '\0';
    return mem_strdup(path);
}

static void *open_module(const char *name)
{
    static const char *const places[] = { "", "/../lib/imgctl" };
    AUTO_FREE char *folder = module_program_folder();
    for (size_t i = 0; folder && i < sizeof places / sizeof *places; i++) {
        AUTO_FREE char *path = mem_printf("%s%s/imgctl-%s.so", folder, places[i], name);
        if (access(path, R_OK) == 0) {
            return dlopen(path, RTLD_NOW | RTLD_LOCAL);
        }
    }
    AUTO_FREE char *path = mem_printf(IMGCTL_MODULE_DIR "/imgctl-%s.so", name);
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

const void *module_load(const char *name, struct error *err)
{
    static struct {
        const char *name;
        const void *table;
    } loaded[8];
    size_t i = 0;
    while (loaded[i].name && strcmp(loaded[i].name, name) != 0) {
        i++;
    }
    if (loaded[i].name) {
        return loaded[i].table;
    }
    AUTO_FREE char *symbol = mem_printf("imgctl_%s_module", name);
    void *handle = open_module(name);
    const void *table = handle ? dlsym(handle, symbol) : NULL;
    if (!table) {
        const char *why = dlerror();
        error_set(err, ERROR_FAILED, "cannot load the part of imgctl named %s: %s", name,
                  why ? why : "it is not what it should be");
        error_hint(err, "install the library that is missing; if it is a part of imgctl, "
                        "install imgctl again");
        return NULL;
    }
    loaded[i].name = name;
    loaded[i].table = table;
    return table;
}
