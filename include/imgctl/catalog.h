/*
 * catalog.h - the record of every picture: one SQLite file, shared by all
 * imgctl processes of a user.
 *
 * The only room that knows SQL. Every change is one transaction that takes the
 * write lock at its start (BEGIN IMMEDIATE) and waits for others, so two dozen
 * processes at once lose nothing. Errors are ERROR_CATALOG unless said
 * otherwise, with a hint that helps. Not for use by two threads at once.
 */
#ifndef IMGCTL_CATALOG_H
#define IMGCTL_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imgctl/error.h"
#include "imgctl/money.h"
#include "imgctl/range.h"
#include "imgctl/store.h"   /* struct stored */
#include "imgctl/strlist.h"

struct catalog;

enum catalog_open_mode {
    CATALOG_CREATE,   /* make it, and its folder, if it is not there */
    CATALOG_IF_THERE, /* *ret = NULL and 0 if it is not there */
};

/*
 * Open, check that it is ours (application_id) and not newer than this program
 * (user_version), and bring an older one up to date in one transaction. A newer
 * one is refused untouched. The file and its folder are made with modes 0600
 * and 0700. A network file system, where SQLite's shared memory does not work,
 * is refused with a sentence.
 */
int catalog_open(const char *path, enum catalog_open_mode mode, struct catalog **ret,
                 struct error *err);
void catalog_close(struct catalog *c);

/* As the last thing of a process: closes C if it was written to. What only read
 * leaves its files to the kernel, which saves a tenth of a short command's time. */
void catalog_leave(struct catalog *c);
const char *catalog_path(const struct catalog *c);

/*
 * A row of `images`: the sixteen columns of the system it replaces under their
 * names, then what imgctl adds. Strings are owned; NULL is SQL NULL.
 */
struct picture {
    int64_t id;
    int64_t business_id;
    char *original_filename; /* UTF-8 */
    char *storage_provider;  /* "local", "cloudinary" */
    char *storage_url;
    char *cloudinary_public_id;
    int64_t file_size_bytes;
    char *mime_type;
    int64_t width, height;   /* as seen */
    bool ai_generated;
    char *ai_prompt;
    char *ai_model;
    int64_t created_at;      /* clock.h; 0 is NULL for the next two, 1 a text that
                                is no time */
    int64_t updated_at;
    int64_t deleted_at;

    char *sha256;            /* hex, of the stored bytes */
    struct strlist tags;     /* sorted, each once */
    char *alt_text;
    bool filename_percent;   /* original_filename had bytes that are no UTF-8 and
                                is percent-encoded */
    int64_t derived_from;    /* id; 0: none */
    char *revised_prompt;    /* as the service changed it, of generated ones */
    int64_t cost;            /* its share of its job's (money.h); MONEY_UNKNOWN, also of
                                what was not generated here */
    struct strlist published; /* where it was posted: links; for commands to fill in
                                 (catalog_posts_of) */
    char *pushed_from;       /* sha256 of the bytes it had in the local store, where a
                                push took metadata out of them; they may be there yet */
    struct stored remote;    /* what the store needs to find it again; url and
                                public_id stay NULL: they are columns above */
};

#define PICTURE_INIT { .cost = MONEY_UNKNOWN }
#define AUTO_PICTURE __attribute__((cleanup(picture_release)))
void picture_release(struct picture *p);

/* What a store needs to find P's bytes; points into P. */
struct stored picture_stored(const struct picture *p);

/* 1 found, 0 not (*ret is empty then), -1. Deleted ones are found too. */
int catalog_picture(struct catalog *c, int64_t id, struct picture *ret,
                    struct error *err);

/* The Nth newest that is not deleted, N from 1 ("@1"). 1, 0, -1. */
int catalog_newest(struct catalog *c, int64_t n, int64_t *ret_id, struct error *err);

/* By content within a business and a store; deleted ones too. 1, 0, -1. */
int catalog_find_content(struct catalog *c, int64_t business_id, const char *store,
                         const char *sha256, struct picture *ret, struct error *err);

/* ---- Selecting ---- */

enum catalog_sort { SORT_ID, SORT_NAME, SORT_BYTES, SORT_WIDTH, SORT_HEIGHT,
                    SORT_CREATED, SORT_UPDATED };

/* All conditions hold together; zero means "does not matter". */
struct selection {
    const char *search;      /* substring of file name, prompt, alt text or a
                                tag, without regard to case; words are not split.
                                From three characters on an index finds it */
    bool only_ai, only_uploaded;
    const char *business;    /* by name; unknown: ERROR_NOT_FOUND */
    const char *store;
    struct strlist tags;     /* has every one */
    struct range created, width, height, bytes;
    struct ratio_range ratio;
    bool only_published;     /* in a post that is out */
    bool deleted;            /* only deleted ones; otherwise only live ones */
};

struct page {
    enum catalog_sort sort;
    bool reverse;            /* ascending; default is newest or largest first,
                                names from A to Z */
    int64_t offset;
    int64_t limit;           /* 0: all */
    bool rows_only;          /* faster: what other tables say of a picture stays empty,
                                which is tags, remote, revised_prompt and cost */
};

/* Called for each row; non-zero stops, which is no error. PICTURE is the
 * catalog's and valid during the call. It may read the catalog, not change it. */
typedef int catalog_each(void *cookie, const struct picture *picture);

int catalog_select(struct catalog *c, const struct selection *s, const struct page *page,
                   catalog_each *each, void *cookie, struct error *err);
int catalog_count(struct catalog *c, const struct selection *s, int64_t *ret,
                  struct error *err);

/* The first tag in use that is FROM or, with AFTER, behind it, by bytes; *ret is the
 * caller's. 1, 0, -1. */
int catalog_tag_from(struct catalog *c, const char *from, bool after, char **ret,
                     struct error *err);

/* ---- Uploads: the journal and the row ---- */

/*
 * An upload under way. The row is written before the first byte is sent and
 * removed in the transaction that adds the picture, so whatever is found here
 * later was interrupted; running the upload again settles it, because the store
 * recognises content it has.
 */
struct transfer {
    int64_t id;
    int64_t business_id;
    char *store;
    char *sha256;
    char *public_id;         /* planned; NULL for a store that names by content */
    char *source;            /* an absolute path, a URL, "-" or, of what came from no
                                file, "picture 7" (a push), "job 7", "fix of ...":
                                no file's path begins like these */
    int64_t size;
    int64_t started_at;
    int64_t attempts;
    char *error;             /* of the last failed attempt; NULL: none known */
    char *resume;            /* what the store said to go on from; NULL */
};
void transfer_release(struct transfer *t);

/*
 * Record the intent; an open one for the same business, store and content is
 * taken over and its attempts counted. Fills t->id and t->attempts, and
 * t->public_id with the name that was planned first: an earlier attempt may have
 * arrived under it; and t->resume. Content that is being removed is refused, retryable.
 */
int catalog_transfer_begin(struct catalog *c, struct transfer *t, struct error *err);
int catalog_transfer_fail(struct catalog *c, int64_t id, const char *message,
                          struct error *err);
int catalog_transfer_drop(struct catalog *c, int64_t id, struct error *err);
/* The same of T as it was begun or read, unless another process has taken it over since.
 * 1, 0 if one has, -1. */
int catalog_transfer_end(struct catalog *c, const struct transfer *t, struct error *err);
/* So much of it has arrived that a later attempt may go on from RESUME. */
int catalog_transfer_note(struct catalog *c, int64_t id, const char *resume,
                          struct error *err);

/* All of them by id, the oldest first. Those with an error have failed; the others
 * are under way or were interrupted. */
typedef int catalog_each_transfer(void *cookie, const struct transfer *t);
int catalog_transfers(struct catalog *c, catalog_each_transfer *each, void *cookie,
                      struct error *err);

/*
 * Add a picture (its id, and created_at if 0, are filled in) and settle
 * TRANSFER (0: none) in one transaction. If another process has added the same
 * content in the meantime, nothing is added, *p becomes that row and the result
 * is 0; otherwise 1. A TRANSFER that is gone without such a row is ERROR_STORE,
 * retryable: a removal of the same content may have taken the bytes.
 */
int catalog_picture_add(struct catalog *c, struct picture *p, int64_t transfer,
                        struct error *err);

/* Write the columns a store decides (url, public id, remote) of an existing row
 * again after --force, settle TRANSFER, undelete it, touch updated_at. */
int catalog_picture_stored(struct catalog *c, const struct picture *p, int64_t transfer,
                           struct error *err);

/* Tags to add and alt text to set (NULL: leave) on an existing row. 1 if
 * anything changed, 0 if not, -1. */
int catalog_picture_annotate(struct catalog *c, int64_t id, const struct strlist *tags,
                             const char *alt_text, struct error *err);

/* ---- Batches: many changes in one commit ---- */

/*
 * Between begin and commit all changes are one transaction that has the write lock:
 * one sync for all of them, and after a crash all of them or none. A function that
 * fails undoes its own change and leaves the group as it was. Reading in a group sees
 * what the group wrote; closing the catalog in one undoes it. Keep a group short, with
 * no network in it: others wait.
 *
 * A full disk may undo the whole group. Then every further change in it, and its
 * commit, fail with that same error, so what is reported as committed is.
 */
int catalog_group_begin(struct catalog *c, struct error *err); /* they do not nest */
/* The group is over, whatever the result; after -1 nothing of it remains. */
int catalog_group_commit(struct catalog *c, struct error *err);

/* ---- Files whose content is known ---- */

/*
 * What stat() says of a file that was digested, so that an unchanged file need
 * not be read again. STRIP and CONVERSION are part of the key: they decide what is
 * stored. What is known is a cache: to forget it costs time and nothing else.
 */
struct file_key {
    const char *path; /* absolute; any bytes */
    int64_t device, inode, size;
    int64_t modified, changed; /* nanoseconds */
    int strip;                 /* enum image_strip */
    const char *conversion;    /* what is done to it before it is stored; NULL: nothing */
};

/* The digest of what the file's picture is stored as. 1 if every part of the key
 * is as it was, 0 if not, -1. Some three microseconds. */
int catalog_file_known(struct catalog *c, const struct file_key *key, char sha256[65],
                       struct error *err);

/*
 * Remember it instead of what was known of this path. KEY must be from fstat() before
 * the first byte was read, and the same after the last. CHECKED (ms) is when reading
 * began: a file modified less than two seconds before could change again without its
 * times telling, so it is not remembered (0); otherwise 1; -1.
 */
int catalog_file_remember(struct catalog *c, const struct file_key *key,
                          const char *sha256, int64_t checked, struct error *err);

/* How many are known. Reads them all: some 10 ms for a hundred thousand. */
int catalog_files_count(struct catalog *c, int64_t *ret, struct error *err);

/* Forget those that IS_GONE says are. Looks at a thousand at a time and holds no lock
 * meanwhile. */
int catalog_files_forget(struct catalog *c, bool (*is_gone)(const char *path),
                         struct error *err);

/* Forget COUNT, or a few more, the first by their paths: of dated folders those are the
 * oldest. */
int catalog_files_drop(struct catalog *c, int64_t count, struct error *err);

/* For --since-last: when the last batch named KEY that ended well began; 0: none did. */
int catalog_batch_last(struct catalog *c, const char *key, int64_t *ret,
                       struct error *err);

/* The batch named KEY, which began at STARTED, has ended well. */
int catalog_batch_done(struct catalog *c, const char *key, int64_t started,
                       struct error *err);

/* ---- Deleting ---- */

/* Set or clear deleted_at. 1 changed, 0 it was so already or (ERROR_NONE) there
 * is no such row: look before. -1; also for restoring what is being removed. */
int catalog_delete_soft(struct catalog *c, int64_t id, struct error *err);
int catalog_restore(struct catalog *c, int64_t id, struct error *err);

/*
 * Hard deletion in recorded steps: begin marks the row (deleted_at set, a
 * `removals` row written); the caller removes the stored bytes; finish takes
 * both rows away. Whatever `removals` holds at a later start is finished first.
 * From begin on the row neither moves nor gets other bytes: load it then to find them.
 * With BEFORE (0: whatever it is) only what is deleted since before then is marked, or
 * was being removed already: 1; 0 it is not, so that nothing was done; -1.
 * bytes_free() says whether the bytes may go: false while another row (another
 * business, the same local file) or an upload under way still stands on them.
 */
int catalog_removal_begin(struct catalog *c, int64_t id, int64_t before,
                          struct error *err);
int catalog_removal_bytes_free(struct catalog *c, const struct picture *p, bool *ret,
                               struct error *err);
int catalog_removal_finish(struct catalog *c, int64_t id, struct error *err);
int catalog_removals(struct catalog *c, int64_t **ret_ids, size_t *ret_count,
                     struct error *err);

/* Ids of rows deleted before WHEN, for purge; only of BUSINESS if not NULL. */
int catalog_deleted_before(struct catalog *c, int64_t when, const char *business,
                           int64_t **ret_ids, size_t *ret_count, struct error *err);

/* ---- Moving to another store, walking ---- */

/*
 * Picture P (its id, its business) is in P->storage_provider now: write the columns
 * that this changes (provider, url, public id, remote, sha256, size, updated_at) and
 * settle TRANSFER in one transaction. 1, also if another process has done just that. If
 * another row has this content in that store, or this row is there with other content,
 * nothing is moved, TRANSFER is settled, *ret_other is the id of that row: 0. A row
 * that is gone, or being removed for good, is ERROR_NOT_FOUND.
 */
int catalog_picture_moved(struct catalog *c, const struct picture *p, int64_t transfer,
                          int64_t *ret_other, struct error *err);

/* The picture with the lowest id above AFTER, deleted or not. 1, 0, -1. */
int catalog_picture_after(struct catalog *c, int64_t after, struct picture *ret,
                          struct error *err);

/* Has a picture this content, or had it before a push took metadata out, in whatever
 * business and store? 1, 0, -1. */
int catalog_content_known(struct catalog *c, const char *sha256, struct error *err);

/*
 * Call ACT if no other picture and no upload stands on P's bytes, while no upload
 * can begin. 1: it was called and gave 0; 0: the bytes are in use; -1, also ACT's.
 */
typedef int catalog_act(void *cookie, struct error *err);
int catalog_if_unused(struct catalog *c, const struct picture *p, catalog_act *act,
                      void *cookie, struct error *err);

/* ---- Businesses ---- */

struct business {
    int64_t id;
    char *name;
    int64_t created_at;
    int64_t pictures;        /* live ones */
};
void business_release(struct business *b);

/* By name; NULL is the default business, the oldest, made if there is none yet.
 * ERROR_NOT_FOUND with the nearest name otherwise. */
int catalog_business_find(struct catalog *c, const char *name, struct business *ret,
                          struct error *err);
int catalog_business_add(struct catalog *c, const char *name, int64_t *ret_id,
                         struct error *err); /* a taken name is ERROR_USAGE */
int catalog_business_rename(struct catalog *c, const char *name, const char *to,
                            struct error *err);
/* Only when it has no pictures, deleted ones included: ERROR_USAGE otherwise. */
int catalog_business_remove(struct catalog *c, const char *name, struct error *err);
typedef int catalog_each_business(void *cookie, const struct business *b);
int catalog_businesses(struct catalog *c, catalog_each_business *each, void *cookie,
                       struct error *err);

/* ---- For the status screen and doctor ---- */

struct catalog_summary {
    int64_t live, deleted, ai, bytes; /* bytes of live pictures */
    int64_t local, cloudinary;        /* live, by store */
    int64_t transfers, removals;      /* unfinished */
    int64_t jobs;                     /* not ended */
};
int catalog_summary(struct catalog *c, struct catalog_summary *ret, struct error *err);

/* PRAGMA quick_check, and whether what is derived from the pictures (counters,
 * tags, search index) matches them; ERROR_CATALOG with what it found. Reads the
 * whole file. */
int catalog_integrity(struct catalog *c, struct error *err);

/* Build what is derived from the pictures anew, and forget what is known of files. */
int catalog_rebuild(struct catalog *c, struct error *err);

#endif
