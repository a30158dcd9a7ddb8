/*
 * encode.h - one function for each graphics protocol; graphics.h is the door.
 */
#ifndef ENCODE_H
#define ENCODE_H

#include "imgctl/graphics.h"

/* tmux hands on what is in ESC P tmux; ... ESC \ with every ESC in it doubled, if its
 * option allow-passthrough is on. Without TMUX the escape as it is. */
void encode_wrapped(struct buf *out, const struct buf *escape, bool tmux);

/* A DEC sixel picture of up to 255 colours. */
void encode_sixel(const struct raster *r, struct buf *out);

/* A PNG that stretches over these cells. KEEP: the cursor stays where it is. */
int encode_kitty(const struct raster *r, const struct graphics_size *size, bool tmux,
                 bool keep, struct buf *out, struct error *err);

/* iTerm2's: a JPEG, or a PNG where something is transparent. */
int encode_iterm2(const struct raster *r, const struct graphics_size *size, bool tmux,
                  struct buf *out, struct error *err);

#endif
