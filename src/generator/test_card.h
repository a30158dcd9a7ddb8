/*
 * test_card.h - a picture to recognise and to measure: bars, a ramp, a frame, its size.
 */
#ifndef GENERATOR_TEST_CARD_H
#define GENERATOR_TEST_CARD_H

#include "imgctl/raster.h"

/* WIDTH x HEIGHT with picture NUMBER (from 1) of PROMPT written on it, RGB. */
void test_card_draw(uint32_t width, uint32_t height, const char *prompt, int number,
                    struct raster *ret);

#endif
