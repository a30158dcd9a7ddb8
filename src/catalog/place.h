/*
 * place.h - where a catalog lies: is it there, and can SQLite work there?
 */
#ifndef CATALOG_PLACE_H
#define CATALOG_PLACE_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "imgctl/error.h"

/*
 * Is there a catalog at PATH? 1, 0, -1. A file that cannot be one (a folder, no
 * bytes), and a -wal file whose catalog is gone, are errors: somebody has lost
 * something, and starting empty would hide it.
 */
int place_look(const char *path, struct error *err);

/* Refuse a network file system: processes share a catalog through memory, and
 * that ends at the machine. PATH must exist. */
int place_check(const char *path, struct error *err);

/* Name of the network file system with statfs magic TYPE, or NULL. */
const char *place_network_name(unsigned long type);

/* Read the type of the file system DEVICE from MOUNTS, in the format of
 * /proc/self/mountinfo. False if it is not listed. */
bool place_mount_type(FILE *mounts, dev_t device, char *type, size_t size);

/* Is this type ("fuse.sshfs") one that reaches over the network? */
bool place_is_network_type(const char *type);

#endif
