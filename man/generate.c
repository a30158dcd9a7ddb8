/*
 * generate.c - writes what man pages and completions take from the command table.
 *
 * Run from the project's folder. In man/imgctl*.1 the lines between
 *     .\" generated: KIND
 *     .\" end generated
 * are written anew; the files in completions/ are written whole. With --check
 * nothing is written: what differs is named and the status is 1. A command
 * without a page, or a page without the parts it must have, is an error.
 */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "imgctl/file.h"
#include "imgctl/help.h"
#include "imgctl/mem.h"

#define FILE_LIMIT (1 << 20)
#define BEGIN ".\\\" generated: "
#define END ".\\\" end generated"

static bool checking;
static int problems;

static void complain(const char *path, const char *what)
{
    fprintf(stderr, "%s: %s\n", path, what);
    problems++;
}

/* Bring the file at PATH from OLD (NULL: it is not there) to TEXT. */
static void update(const char *path, const struct buf *old, const struct buf *text)
{
    if (old && old->len == text->len && memcmp(old->data, text->data, text->len) == 0) {
        return;
    }
    if (checking) {
        complain(path, "differs from the command table; run: make generated");
        return;
    }
    AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || file_write_all(fd, text->data, text->len) < 0) {
        complain(path, "cannot be written");
        return;
    }
    printf("%s\n", path);
}

/* 1 and the bytes, 0 if there is no such file, -1 after complaining. */
static int read_text(const char *path, struct buf *out)
{
    struct error err = ERROR_INIT;
    int found = file_read(path, FILE_LIMIT, out, &err);
    if (found < 0) {
        complain(path, err.message);
    }
    return found;
}

/* ---- Man pages ---- */

struct page {
    const char *path;
    bool is_main;                  /* imgctl.1 */
    const struct command *command; /* imgctl-NAME.1 */
    bool has_synopsis, has_options;
};

/* Add the part called KIND. False when the page cannot have it. */
static bool add_part(struct page *page, const char *kind, struct buf *out)
{
    const struct command *c = page->command;
    if (strcmp(kind, "synopsis") == 0 && (c || page->is_main)) {
        page->has_synopsis = true;
        reference_mdoc_synopsis(out, c);
    } else if (strcmp(kind, "options") == 0 && c) {
        page->has_options = true;
        reference_mdoc_options(out, c);
    } else if (strcmp(kind, "global-options") == 0) {
        reference_mdoc_global_options(out);
    } else if (strcmp(kind, "commands") == 0) {
        reference_mdoc_commands(out);
    } else if (strcmp(kind, "settings") == 0) {
        reference_mdoc_settings(out);
    } else if (strcmp(kind, "exit-codes") == 0) {
        reference_mdoc_exit_codes(out);
    } else {
        return false;
    }
    return true;
}

static bool begins_with(const char *line, const char *prefix)
{
    return strncmp(line, prefix, strlen(prefix)) == 0;
}

/* OLD with its generated parts made anew. False after complaining. */
static bool rewrite(struct page *page, const char *old, struct buf *out)
{
    bool inside = false;
    while (*old) {
        size_t len = strcspn(old, "\n");
        AUTO_FREE char *line = mem_strndup(old, len);
        bool begin = begins_with(line, BEGIN);
        bool end = strcmp(line, END) == 0;
        if (begin == inside && (begin || end)) {
            complain(page->path, begin ? "a generated part has no end"
                                       : "an end without a generated part");
            return false;
        }
        inside = end ? false : inside;
        if (!inside) {
            buf_addf(out, "%s\n", line);
        }
        if (begin && !add_part(page, line + strlen(BEGIN), out)) {
            complain(page->path, line);
            return false;
        }
        inside = begin ? true : inside;
        old += len + (old[len] == '\n');
    }
    if (inside) {
        complain(page->path, "a generated part has no end");
    }
    return !inside;
}

static const struct command *command_of(const char *path)
{
    const char *name = file_base_name(path) + strlen("imgctl");
    for (const struct command *const *c = commands; *name == '-' && *c; c++) {
        size_t len = strlen((*c)->name);
        if (strncmp(name + 1, (*c)->name, len) == 0 &&
            strcmp(name + 1 + len, ".1") == 0) {
            return *c;
        }
    }
    return NULL;
}

static void update_page(const char *path)
{
    AUTO_BUF struct buf old = BUF_INIT;
    AUTO_BUF struct buf text = BUF_INIT;
    struct page page = { .path = path, .command = command_of(path) };
    page.is_main = strcmp(file_base_name(path), "imgctl.1") == 0;
    if (read_text(path, &old) != 1 || !rewrite(&page, old.data, &text)) {
        return;
    }
    if (page.command && !(page.has_synopsis && page.has_options)) {
        complain(path, "has no generated synopsis or no generated options");
        return;
    }
    update(path, &old, &text);
}

static void update_pages(void)
{
    glob_t pages;
    if (glob("man/imgctl*.1", 0, NULL, &pages) == 0) {
        for (size_t i = 0; i < pages.gl_pathc; i++) {
            update_page(pages.gl_pathv[i]);
        }
        globfree(&pages);
    }
    for (const struct command *const *c = commands; *c; c++) {
        AUTO_FREE char *path = mem_printf("man/imgctl-%s.1", (*c)->name);
        if (access(path, F_OK) != 0) {
            complain(path, "the command has no man page");
        }
    }
}

/* ---- Completions ---- */

static void update_completion(const char *path, void (*reference)(struct buf *out))
{
    AUTO_BUF struct buf old = BUF_INIT;
    AUTO_BUF struct buf text = BUF_INIT;
    int found = read_text(path, &old);
    if (found < 0) {
        return;
    }
    reference(&text);
    update(path, found ? &old : NULL, &text);
}

int main(int argc, char **argv)
{
    checking = argc == 2 && strcmp(argv[1], "--check") == 0;
    if (argc > 1 && !checking) {
        fprintf(stderr, "usage: generate [--check]\n");
        return 2;
    }
    update_pages();
    update_completion("completions/imgctl.bash", reference_bash);
    update_completion("completions/_imgctl", reference_zsh);
    update_completion("completions/imgctl.fish", reference_fish);
    return problems ? 1 : 0;
}
