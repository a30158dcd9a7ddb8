/*
 * generate.h - pictures from a prompt, so that nothing is paid twice and nothing that
 * was paid is lost.
 *
 * An order is one request, made complete and priced. A run carries orders out: for each
 * a spool is made and locked, its price reserved in the catalog, the job marked as
 * being sent, the request sent once, what arrives kept in the spool, the job marked as
 * generated, every picture stored as upload.h does it, and the spool removed. Each step
 * is on the disk before the next begins. So wherever a process dies, the catalog and
 * the spool tell what became of the money (generate_recover), and what was paid for
 * can be stored without paying again (generate_resume).
 */
#ifndef IMGCTL_GENERATE_H
#define IMGCTL_GENERATE_H

#include <stdbool.h>
#include <stdint.h>

#include "imgctl/catalog.h"
#include "imgctl/config.h"
#include "imgctl/error.h"
#include "imgctl/generator.h"
#include "imgctl/image.h"
#include "imgctl/jobs.h"
#include "imgctl/model.h"
#include "imgctl/store.h"

/* ---- Pictures to edit ---- */

/* Inputs of an edit, opened and checked; the same for all orders of a command. */
struct edit {
    struct generate_input inputs[GENERATE_INPUTS];
    char *sha256[GENERATE_INPUTS]; /* or the link, of what is sent by one */
    char *urls[GENERATE_INPUTS];
    int count;
    struct generate_input mask;    /* its fd is -1: none */
    char *mask_sha256;
    int64_t derived_from;          /* the first input, if it is in the catalog */
};

#define EDIT_INIT { .mask = { .fd = -1 } }
#define AUTO_EDIT __attribute__((cleanup(edit_release)))
void edit_release(struct edit *e);

/*
 * Add a file of at most 50 MB, JPEG, PNG or WebP. STRIP is taken out of what leaves
 * here. ERROR_USAGE for the seventeenth.
 */
int edit_add_file(struct edit *e, const char *path, enum image_strip strip,
                  struct error *err);

/* Add a picture of the catalog out of STORE: its link where that is https, and its
 * bytes if BYTES says so or there is no such link. */
int edit_add_picture(struct edit *e, const struct picture *p, struct store *store,
                     bool bytes, enum image_strip strip, struct error *err);

/* The mask: a PNG with alpha, of at most 4 MB and of the first input's size. */
int edit_set_mask(struct edit *e, const char *path, struct error *err);

/* ---- Orders ---- */

/* What is asked for; NULL, 0 and -1 are "not said". Strings are the caller's. */
struct wish {
    const char *prompt, *model;
    struct model_wish how;
    const char *moderation;
    const char *name;              /* of the pictures; NULL: made from the prompt */
    const char *alt_text;
    const struct strlist *tags;
    const struct edit *edit;       /* NULL: none */
    const char *output;            /* also write pictures to files of this name */
    bool preview;                  /* the cheapest quality, and only that file */
};

struct order {
    char *prompt, *model_id, *name, *alt_text, *output;
    char *moderation;
    struct strlist tags;
    struct generate_request request; /* its strings are the model's, or the wish's */
    const struct model *model;       /* NULL: unknown */
    const struct edit *edit;
    bool preview;
    struct price price;
    int64_t estimate;                /* to be reserved, the most it may come to;
                                        MONEY_UNKNOWN: not settled yet */
    char fingerprint[65];
    char *parameters;                /* JSON, for the job */
};

/* Where orders go. */
struct destination {
    const char *host;
    bool is_official, is_free;
};

/* ERROR_USAGE for what is wrong with the wish, ERROR_REFUSED for a retired model.
 * Nothing is sent. */
int order_make(const struct wish *wish, const struct models *models,
               const struct destination *to, const struct config *config,
               struct order *ret, struct error *err);
void order_release(struct order *o);

/* What they are expected to cost: less than what is reserved, where that has to be ready
 * for more. MONEY_UNKNOWN if the price of one is and orders_price() did not settle it. */
int64_t orders_expected(const struct order *orders, size_t count);

/*
 * Settle what COUNT orders may cost in all: MOST (MONEY_UNKNOWN: no limit) is not
 * exceeded, and is shared by those whose price nobody knows. ERROR_LIMIT if they cost
 * more, or if a price is unknown and there is no MOST, or nothing left of it. RET: their
 * sum.
 */
int orders_price(struct order *orders, size_t count, int64_t most, int64_t *ret,
                 struct error *err);

/* ---- Running ---- */

#define GENERATE_ALIKE_MS INT64_C(86400000) /* the same within it is asked about */
#define GENERATE_TO_FILE "file" /* the store of a job whose pictures have none */

struct generate_options {
    const struct config *config;
    const char *provider;
    int trace_fd;
    struct store *store;         /* where pictures go; NULL: previews only */
    enum image_strip strip;      /* out of what is stored, as for an upload */
    int64_t business_id;
    struct budget budget;
    int64_t rate;                /* pictures a minute, over all processes; 0: no limit */
    int64_t alike_since;         /* clock.h: what was bought after it is not bought again,
                                    which is ERROR_QUESTION; 0: it may be */
    int jobs;                    /* requests at once */
    int timeout;                 /* seconds; 0: the generator's own */
};

/* A picture of a result. */
struct generated {
    bool stored;                 /* PICTURE is its row */
    bool duplicate;              /* which was there before */
    struct picture picture;
    char *output;                /* the file it was written to; NULL */
    struct error error;          /* why it is not stored, or not written */
};

/* What became of an order. It is the run's, during the call. */
struct generate_result {
    const struct order *order;
    int64_t job;                 /* 0: none was made */
    enum job_state state;
    struct generated pictures[GENERATE_COUNT];
    int count;
    int64_t cost;                /* MONEY_UNKNOWN */
    struct spending spent;       /* with it, as it was reserved */
    struct error error;          /* ERROR_NONE: nothing is wrong with it as a whole */
};

struct generate_progress {
    int64_t total, done, failed; /* orders */
    int64_t bytes;               /* received */
    int under_way;               /* sent and not answered */
    int64_t elapsed;             /* ms, of the oldest one under way */
};

typedef void generate_each(void *cookie, const struct generate_result *result);
typedef void generate_tick(void *cookie, const struct generate_progress *progress);

struct generate_run;

/* The arguments are the caller's and must outlive the run. */
struct generate_run *generate_new(const struct generate_options *options,
                                  struct catalog *catalog, const struct order *orders,
                                  size_t count);

/* Send the first order with G, which stays the caller's; others are opened as they are
 * needed. */
void generate_use_generator(struct generate_run *r, struct generator *g);

/*
 * Reserve the first order and stop there: *JOB is its number. For a process in the
 * background: the catalog may be closed, and another opened in a child that calls
 * generate_use_catalog() and goes on with generate().
 */
int generate_reserve(struct generate_run *r, int64_t *job, struct error *err);
void generate_use_catalog(struct generate_run *r, struct catalog *catalog);
char *generate_log_path(const struct generate_run *r);

/*
 * Run to the end, or until it is stopped; TICK is called ten times a second. What all
 * further orders would fail of as well stops it, and so does an outcome that is
 * unknown. Orders that were not begun are reported to nobody: PROGRESS tells.
 */
int generate(struct generate_run *r, generate_each *each, generate_tick *tick,
             void *cookie, struct generate_progress *progress, struct error *err);

/* From a signal handler: the first call begins nothing more and waits for what is
 * paid for; the second leaves that unknown. */
void generate_interrupt(struct generate_run *r);

void generate_free(struct generate_run *r);

/* ---- Afterwards ---- */

/* The folders with pictures that were paid for and no job of C knows, as after a catalog
 * was put back from an older copy. Nothing removes them. */
void generate_strays(const struct config *config, struct catalog *c, struct strlist *ret);

/*
 * Settle the jobs whose process is no more: what was reserved is void, what was being
 * sent is generated if its answer is in the spool, else unknown; one whose spool cannot
 * be opened stays as it is. Spools that nobody needs any more are removed. Nothing is
 * sent. RET (may be NULL): how many.
 */
int generate_recover(const struct config *config, struct catalog *c, int64_t *ret,
                     struct error *err);

/*
 * Store what job J has in the spool. Also of an unknown one the pictures that had
 * arrived whole. RESULT (to be released) says what became of them; its order is NULL.
 * ERROR_UNAVAILABLE if a process works on it, ERROR_FILE if there is no spool of it: the
 * job is not changed then.
 */
int generate_resume(const struct generate_options *options, struct catalog *c,
                    const struct job *j, struct generate_result *result,
                    struct error *err);
void generate_result_release(struct generate_result *r);

/*
 * A person says what became of the money of an unknown job (jobs.h), or, CHARGED, that
 * the pictures of a generated one are lost: it is failed then, and stays paid. As long as
 * paid pictures are in the spool, of either, CHARGED is ERROR_USAGE.
 */
int generate_settle(const struct config *config, struct catalog *c, int64_t id,
                    bool charged, struct error *err);

/* Wait until nobody works on the job; what it is then is in RET, to be released. */
int generate_wait(const struct config *config, struct catalog *c, int64_t id,
                  struct job *ret, struct error *err);

/* How a job ended, as an error: ERROR_NONE if it is stored or under way. */
void generate_outcome(const struct job *j, struct error *err);

#endif
