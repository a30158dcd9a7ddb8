#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imgctl/mem.h"
#include "imgctl/program.h"
#include "imgctl/text.h"
#include "pick.h"
#include "verdict.h"

#define ANSWER_LIMIT ((size_t)16 << 20)

struct pipes {
    int to, from;       /* TO is -1 when fzf reads no more */
    struct buf answer;
    struct profile *profile;
    bool require_ig;
};

/* Read what fzf says; false at its end. */
static bool take_answer(struct pipes *p)
{
    char piece[4096];
    ssize_t n = read(p->from, piece, sizeof piece);
    return n > 0 ? buf_add_limited(&p->answer, piece, (size_t)n, ANSWER_LIMIT)
                 : n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* All of LINE, reading meanwhile, so that neither waits for the other. */
static void send(struct pipes *p, const struct buf *line)
{
    size_t sent = 0;
    while (p->to >= 0 && sent < line->len) {
        struct pollfd fds[] = { { .fd = p->to, .events = POLLOUT },
                                { .fd = p->from, .events = POLLIN } };
        if (poll(fds, 2, -1) < 0 && errno != EINTR) {
            return;
        }
        bool closed = fds[1].revents && !take_answer(p);
        ssize_t n = write(p->to, line->data + sent, line->len - sent);
        sent += n > 0 ? (size_t)n : 0;
        if (closed || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            close(p->to);
            p->to = -1;
        }
    }
}

/* "42<TAB>name  1600x1200  AI  IG": fzf shows what follows the TAB. */
static int send_row(void *cookie, const struct picture *row)
{
    struct pipes *p = cookie;
    AUTO_BUF struct buf line = BUF_INIT;
    char rule[40] = "";
    const char *name = row->original_filename ? row->original_filename : "";
    if (p->profile) {
        verdict_of_row(p->profile, row, rule);
    }
    if (p->require_ig && rule[0]) {
        return 0;
    }
    buf_addf(&line, "%" PRId64 "\t%" PRId64 "  ", row->id, row->id);
    text_escape(&line, name, strlen(name));
    buf_addf(&line, "  %" PRId64 "x%" PRId64 "%s%s\n", row->width, row->height,
             row->ai_generated ? "  AI" : "", p->profile && !rule[0] ? "  IG" : "");
    send(p, &line);
    return p->to < 0;
}

static int take_ids(const struct pipes *p, struct chooser *c, struct error *err)
{
    AUTO_STRLIST struct strlist lines = STRLIST_INIT;
    strlist_split(&lines, p->answer.data, '\n');
    for (size_t i = 0; i < lines.len; i++) {
        int64_t id;
        lines.items[i][strcspn(lines.items[i], "\t")] = '\0';
        if (!text_parse_int(lines.items[i], 1, INT64_MAX, &id)) {
            return error_set(err, ERROR_FAILED, "fzf answered \"%s\", which is no id",
                             lines.items[i]);
        }
        if (!chooser_is_marked(c, id) && !chooser_mark(c, id)) {
            return error_set(err, ERROR_USAGE, "at most %zu may be chosen", c->max);
        }
    }
    return 0;
}

/* fzf runs its previewer by a shell, which must find this program and its settings. */
static char *preview_command(const struct app *app, const struct pick_options *o)
{
    struct terminal t;
    char self[4096];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    terminal_look(&t, -1, true);
    enum graphics how = o->protocol >= 0 ? (enum graphics)o->protocol : t.characters;
    if (len <= 0 || memchr(self, '\'', (size_t)len)) {
        len = snprintf(self, sizeof self, "imgctl");
    }
    setenv("IMGCTL_CATALOG", app->catalog_path, 1);
    setenv("IMGCTL_CONFIG", config_path(app->config), 1);
    return mem_printf("'%.*s' preview --protocol %s --size "
                      "\"$FZF_PREVIEW_COLUMNS\"x\"$(($FZF_PREVIEW_LINES-1))\" {1}",
                      (int)len, self, graphics_names[how]);
}

static int start(const char *program, const struct app *app, const struct pick_options *o,
                 const struct chooser *c, struct pipes *p, pid_t *pid, struct error *err)
{
    int in[2], out[2];
    AUTO_FREE char *preview = preview_command(app, o);
    AUTO_FREE char *multi = o->max > 0 ? mem_printf("--multi=%" PRId64, o->max)
                                       : mem_strdup("--multi");
    const char *const argv[] = {
        program, "--delimiter=\t", "--with-nth=2..", "--no-sort", "--preview", preview,
        "--query", c->search.data, o->multi ? multi : "--no-multi", NULL,
    };
    if (pipe2(in, O_CLOEXEC) < 0) {
        return error_errno(err, ERROR_FAILED, "cannot make a pipe");
    }
    if (pipe2(out, O_CLOEXEC) < 0) {
        close(in[0]);
        close(in[1]);
        return error_errno(err, ERROR_FAILED, "cannot make a pipe");
    }
    const struct program_files files = { in[0], out[1], STDERR_FILENO };
    int result = program_start(argv, &files, pid, err);
    close(in[0]);
    close(out[1]);
    p->to = in[1];
    p->from = out[0];
    if (result < 0) {
        close(p->to);
        close(p->from);
        return -1;
    }
    return fcntl(p->to, F_SETFL, O_NONBLOCK) < 0
               ? error_errno(err, ERROR_FAILED, "cannot talk to fzf") : 0;
}

static int converse(struct chooser *c, const struct pick_options *o, struct pipes *p,
                    struct error *err)
{
    const struct page all = { .sort = SORT_ID, .rows_only = true };
    struct selection s = o->selection;
    s.search = NULL; /* it is fzf's query */
    int result = c->catalog ? catalog_select(c->catalog, &s, &all, send_row, p, err) : 0;
    if (p->to >= 0) {
        close(p->to);
        p->to = -1;
    }
    while (result == 0 && take_answer(p)) {
        continue;
    }
    return result;
}

int pick_by_fzf(struct app *app, const struct pick_options *o, struct chooser *c,
                struct error *err)
{
    struct pipes p = { .to = -1, .from = -1, .answer = BUF_INIT,
                       .require_ig = o->require_ig };
    AUTO_FREE char *program = program_find("fzf");
    pid_t pid = -1;
    if (!program) {
        error_set(err, ERROR_USAGE, "fzf is not installed");
        return error_hint(err, "without --fzf imgctl has a list of its own");
    }
    if (profile_load(app->config, VERDICT_PROFILE, &p.profile, err) < 0 &&
        o->require_ig) {
        return -1;
    }
    void (*before)(int) = signal(SIGPIPE, SIG_IGN); /* fzf may end before it read all */
    int result = start(program, app, o, c, &p, &pid, err);
    if (result == 0) {
        result = converse(c, o, &p, err);
        close(p.from);
        int status = program_wait(pid, err);
        result = result < 0 || status < 0 ? -1
                 : status == 130 || status == 1
                     ? 0
                 : status != 0
                     ? error_set(err, ERROR_FAILED, "fzf ended with status %d", status)
                 : take_ids(&p, c, err) < 0 ? -1
                                            : c->mark_count > 0;
    }
    signal(SIGPIPE, before);
    profile_free(p.profile);
    buf_release(&p.answer);
    return result;
}
