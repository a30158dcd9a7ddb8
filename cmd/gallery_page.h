/*
 * gallery_page.h - a page put together from a template (share/imgctl/gallery), with
 * places such as @TITLE@ in it, and written while it grows.
 */
#ifndef GALLERY_PAGE_H
#define GALLERY_PAGE_H

#include "imgctl/buf.h"
#include "imgctl/config.h"
#include "imgctl/error.h"

/* What is before and behind the place of the thumbnails, everything else filled in. */
struct gallery_page {
    struct buf head, tail;
};

#define GALLERY_PAGE_INIT { .head = BUF_INIT, .tail = BUF_INIT }

/* TITLE is any text; LIBRARY is JSON, made safe for a place inside <script> here. */
int gallery_page_make(const struct config *config, const char *title,
                      const struct buf *library, struct gallery_page *ret,
                      struct error *err);
void gallery_page_release(struct gallery_page *page);

/* Is the file at PATH a page that was made here, or nothing at all? -1: it cannot be
 * told. */
int gallery_page_is_ours(const char *path, struct error *err);

#endif
