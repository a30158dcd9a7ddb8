#include "memory.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STEP 16          /* sizes are multiples of it up to FINE, then powers of two */
#define FINE 512
#define LARGEST 8192     /* beyond it malloc() is asked */
#define FINE_LISTS (FINE / STEP)
#define LISTS (FINE_LISTS + 4)
#define BLOCK ((size_t)64 * 1024)

/* In front of every piece; SQLite wants them aligned to eight bytes. */
struct head {
    uint32_t size; /* of what follows */
    uint32_t list; /* LISTS: malloc() gave it */
};

union piece {
    struct head head;
    uint64_t alignment;
};

struct spare {
    union piece head;
    struct spare *next;
};

static _Thread_local struct {
    struct spare *lists[LISTS];
    char *block;
    size_t left;
} pool;

/* The list for pieces of SIZE, which becomes theirs. */
static unsigned list_of(size_t *size)
{
    if (*size <= FINE) {
        unsigned list = *size == 0 ? 0 : (unsigned)((*size - 1) / STEP);
        *size = (size_t)(list + 1) * STEP;
        return list;
    }
    unsigned list = FINE_LISTS;
    size_t power = (size_t)2 * FINE;
    while (power < *size) {
        power *= 2;
        list++;
    }
    *size = power;
    return list;
}

static void *begin_piece(union piece *p, size_t size, unsigned list)
{
    p->head = (struct head){ .size = (uint32_t)size, .list = list };
    return p + 1;
}

static void *ask_malloc(size_t size)
{
    union piece *p = malloc(sizeof *p + size);
    return p ? begin_piece(p, size, LISTS) : NULL;
}

static void *cut(size_t size, unsigned list)
{
    size_t whole = sizeof(union piece) + size;
    if (pool.left < whole) {
        char *block = malloc(BLOCK);
        if (!block) {
            return NULL;
        }
        pool.block = block; /* the rest of the last one is not worth keeping */
        pool.left = BLOCK;
    }
    union piece *p = (union piece *)pool.block;
    pool.block += whole;
    pool.left -= whole;
    return begin_piece(p, size, list);
}

static void *allocate(int wanted)
{
    size_t size = wanted > 0 ? (size_t)wanted : 0;
    if (size > LARGEST) {
        return ask_malloc(size);
    }
    unsigned list = list_of(&size);
    struct spare *spare = pool.lists[list];
    if (!spare) {
        return cut(size, list);
    }
    pool.lists[list] = spare->next;
    return &spare->head + 1;
}

static void release(void *memory)
{
    union piece *p = (union piece *)memory - 1;
    if (p->head.list == LISTS) {
        free(p);
        return;
    }
    struct spare *spare = (struct spare *)p;
    spare->next = pool.lists[p->head.list];
    pool.lists[p->head.list] = spare;
}

static int size_of(void *memory)
{
    return memory ? (int)((union piece *)memory - 1)->head.size : 0;
}

static void *resize(void *memory, int wanted)
{
    int size = size_of(memory);
    if (wanted <= size) {
        return memory;
    }
    void *new = allocate(wanted);
    if (new) {
        memcpy(new, memory, (size_t)size);
        release(memory);
    }
    return new;
}

static int round_up(int wanted)
{
    size_t size = (size_t)wanted;
    if (size <= LARGEST) {
        list_of(&size);
    }
    return (int)((size + 7) & ~(size_t)7);
}

static int begin(void *unused)
{
    (void)unused;
    return SQLITE_OK;
}

static void end(void *unused)
{
    (void)unused;
}

void memory_install(void)
{
    static const sqlite3_mem_methods methods = {
        .xMalloc = allocate,
        .xFree = release,
        .xRealloc = resize,
        .xSize = size_of,
        .xRoundup = round_up,
        .xInit = begin,
        .xShutdown = end,
    };
    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}
