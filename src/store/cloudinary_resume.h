/*
 * cloudinary_resume.h - where an upload in chunks stood, as a line for the journal.
 *
 * Cloudinary takes further chunks of an upload under its X-Unique-Upload-Id, also from
 * a later process, if they are of the same size and have the same fields. How long it
 * keeps what it has is not documented, and there is no way to ask: a refusal means to
 * start again.
 */
#ifndef CLOUDINARY_RESUME_H
#define CLOUDINARY_RESUME_H

#include <stdbool.h>
#include <stdint.h>

#define CLOUDINARY_UPLOAD_ID_SIZE 33
#define CLOUDINARY_FIELDS_SIZE 17

struct cloudinary_resume {
    char upload_id[CLOUDINARY_UPLOAD_ID_SIZE]; /* hex */
    char fields[CLOUDINARY_FIELDS_SIZE];       /* hex: a digest of all but the time */
    int64_t chunk_bytes, offset;               /* offset: of the next chunk */
};

/* As text. Caller frees. */
char *cloudinary_resume_write(const struct cloudinary_resume *r);

/* False for what is not of the form above. */
bool cloudinary_resume_read(const char *text, struct cloudinary_resume *ret);

#endif
