/*
 * clipboard.h - the desktop's clipboard, through the programs that reach it.
 *
 * wl-copy and wl-paste where $WAYLAND_DISPLAY is set, xclip where $DISPLAY is; text also
 * through the terminal itself (OSC 52), which reaches the clipboard over ssh too but
 * never says whether it did.
 */
#ifndef IMGCTL_CLIPBOARD_H
#define IMGCTL_CLIPBOARD_H

#include <stddef.h>
#include <stdint.h>

#include "imgctl/error.h"

/* Put TEXT there: 0, or 1 where the terminal was asked and does not answer. ERROR_FAILED
 * where no clipboard can be reached. */
int clipboard_copy(const char *text, size_t len, struct error *err);

/*
 * The picture there, PNG, JPEG or WebP as the application that copied it offers, in a
 * nameless file from offset 0; nothing is known of its content. The descriptor, or -1:
 * ERROR_NOT_FOUND without a picture, ERROR_IMAGE_LIMIT with more than LIMIT bytes.
 */
int clipboard_picture(int64_t limit, struct error *err);

#endif
