/*
 * openai.h - OpenAI's Images API, and servers that speak it.
 */
#ifndef GENERATOR_OPENAI_H
#define GENERATOR_OPENAI_H

#include "imgctl/generator.h"

int openai_open(const struct generator_context *context, struct generator **ret,
                struct error *err);

#endif
