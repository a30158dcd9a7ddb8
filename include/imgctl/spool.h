/*
 * spool.h - what was paid for and is not stored yet: a folder for each job.
 *
 * The folder is in the state folder under a name that nobody else will choose, which is
 * also the job's client_id. Whoever works on the job holds a lock on it that the kernel
 * lets go when the process ends, however it ends; so the living are told from the dead
 * without process numbers. In it are
 *
 *   lock        what is locked
 *   job         the job's number and its catalog, for who cleans up
 *   picture-N   bytes as they arrived, from 0
 *   answer      everything else the service said; written last, by rename, when all
 *               pictures are on the disk: where it is, the answer arrived whole
 *   log         what a process in the background had to say
 *
 * Errors are ERROR_STORE unless said otherwise. Different spools may be used by
 * different threads.
 */
#ifndef IMGCTL_SPOOL_H
#define IMGCTL_SPOOL_H

#include <stdbool.h>

#include "imgctl/config.h"
#include "imgctl/error.h"
#include "imgctl/generator.h"
#include "imgctl/jobs.h"

struct spool {
    char *id;
    char *folder;
    int lock;      /* -1: not held, or there is no folder */
};

#define SPOOL_INIT { .lock = -1 }
#define AUTO_SPOOL __attribute__((cleanup(spool_close)))

/* A new one, held. */
int spool_create(const struct config *config, struct spool *ret, struct error *err);

/* Is there room for BYTES more? ERROR_STORE: what is paid for could not be kept. */
int spool_check_room(const struct spool *s, int64_t bytes, struct error *err);

/* Take the spool ID if nobody works on it: 1 it is held, or there is none any more
 * (spool_is_there); 0 somebody has it; -1. */
int spool_take(const struct config *config, const char *id, struct spool *ret,
               struct error *err);
bool spool_is_there(const struct spool *s);

/* Wait until nobody works on it, or it is gone. */
int spool_wait(const struct config *config, const char *id, struct error *err);

/* Let go. A process that shares the lock, made by fork(), goes on holding it. */
void spool_close(struct spool *s);

/* Remove the folder and let go. */
void spool_remove(struct spool *s);

/* Write down whose it is; CATALOG is its path. */
int spool_mark(const struct spool *s, const char *catalog, int64_t job,
               struct error *err);

/* Picture INDEX, new and empty, open for reading and writing; the caller closes it. */
int spool_open_picture(const struct spool *s, int index, struct error *err);
bool spool_has_pictures(const struct spool *s); /* or the beginning of one */
char *spool_picture_path(const struct spool *s, int index);
char *spool_log_path(const struct spool *s);

/* The paths of what is in the spool ID, sorted; it need not be held. */
void spool_files(const struct config *config, const char *id, struct strlist *ret);

/*
 * Sync and digest A->count pictures, and write the answer with them. COST is what it
 * comes to in micro-dollars, or MONEY_UNKNOWN. Afterwards a crash loses nothing.
 */
int spool_write_answer(const struct spool *s, const struct generate_answer *a,
                       int64_t cost, struct error *err);

struct spool_answer {
    struct generate_answer answer;
    struct job_picture pictures[GENERATE_COUNT];
    int64_t cost;
    int64_t arrived_at; /* clock.h */
};
#define AUTO_SPOOL_ANSWER __attribute__((cleanup(spool_answer_release)))
/* Read it back: 1, 0 there is none, -1. RET is the caller's to release. */
int spool_read_answer(const struct spool *s, struct spool_answer *ret, struct error *err);
void spool_answer_release(struct spool_answer *a);

/*
 * Call EACH for every spool of CATALOG that nobody works on; it holds S during the
 * call and may remove it. Those that never got as far as a job are removed here: what
 * is sent is marked first, so nothing was paid for them.
 */
typedef void spool_each(void *cookie, struct spool *s, int64_t job);
void spool_walk(const struct config *config, const char *catalog, spool_each *each,
                void *cookie);

#endif
