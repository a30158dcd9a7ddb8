/*
 * cloudinary_transformation.h - what a link asks Cloudinary to do to a picture.
 */
#ifndef CLOUDINARY_TRANSFORMATION_H
#define CLOUDINARY_TRANSFORMATION_H

#include "imgctl/buf.h"
#include "imgctl/error.h"
#include "imgctl/store.h"

/*
 * Add the transformation for OPTIONS; nothing for a plain original. Its parts are
 * in one fixed order, because every other order of the same parts is another
 * derived picture, which is made and billed again. ERROR_USAGE for values that
 * would leave their place in the link.
 */
int cloudinary_transformation(struct buf *out, const struct link_options *options,
                              struct error *err);

#endif
