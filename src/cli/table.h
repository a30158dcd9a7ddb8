/*
 * table.h - the table for people: aligned columns that fit the terminal.
 *
 * Rows are collected and printed in blocks, so that a list of any length needs
 * little memory; the widths of one block are a minimum for the next.
 */
#ifndef TABLE_H
#define TABLE_H

#include "imgctl/output.h"

void table_begin(struct output *o);
void table_add(struct output *o, const void *record);
void table_end(struct output *o);  /* print the rest and release */
void table_drop(struct output *o); /* release without printing */

#endif
