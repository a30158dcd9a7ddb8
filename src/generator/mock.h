/*
 * mock.h - test cards, drawn offline and for nothing: for rehearsing a script.
 *
 * A card has the size and format that are asked for. It is the same for the same
 * prompt and number and another for any other: the colour at its foot and the eight
 * digits there are a digest of both.
 */
#ifndef GENERATOR_MOCK_H
#define GENERATOR_MOCK_H

#include "imgctl/generator.h"

int mock_open(struct generator **ret, struct error *err);

#endif
