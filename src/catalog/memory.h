/*
 * memory.h - SQLite's small pieces, handed out without asking malloc() for each.
 *
 * Reading the definitions of the tables takes thousands of small allocations, an eighth
 * of the time of a short command. Pieces are cut from blocks, by size; what is given
 * back is used again for the same size, and blocks stay with the process. Lists are a
 * thread's own, so no lock is needed.
 */
#ifndef CATALOG_MEMORY_H
#define CATALOG_MEMORY_H

/* For SQLite to use, before its first call; refused, harmlessly, later. */
void memory_install(void);

#endif
