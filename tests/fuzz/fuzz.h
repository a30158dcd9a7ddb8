/*
 * fuzz.h - what the fuzz targets share: their bytes as a file.
 *
 * A target is tests/fuzz/NAME.c with LLVMFuzzerTestOneInput(); tests/fuzz/run builds and
 * runs all of them for a bounded time. It decodes in this process, not in a child, so
 * that the sanitizers see all.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A file of exactly these bytes, the same descriptor every time; -1. */
static inline int fuzz_file(int *kept, const uint8_t *data, size_t len)
{
    if (*kept < 0) {
        *kept = memfd_create("fuzz", MFD_CLOEXEC);
    }
    if (*kept < 0 || ftruncate(*kept, 0) < 0 ||
        pwrite(*kept, data, len, 0) != (ssize_t)len || lseek(*kept, 0, SEEK_SET) < 0) {
        return -1;
    }
    return *kept;
}

#endif
