/*
 * contains.h - the SQL function contains(TERM, TEXT...), for search terms that
 * are too short for the index.
 *
 * True if TERM is part of one of the texts, without regard to case in the way of
 * the index: letter by letter, in every script.
 */
#ifndef CATALOG_CONTAINS_H
#define CATALOG_CONTAINS_H

#include "sql.h"

/* Make the function known to the connection; once is enough. */
int contains_register(struct catalog *c, struct error *err);

#endif
