/*
 * json_module.h - what the json module exports to the program: json-c behind the
 * reading half of json.h. Only parse() may be the first to be called.
 */
#ifndef JSON_MODULE_H
#define JSON_MODULE_H

#include "imgctl/json.h"

struct json_module {
    int (*parse)(const char *data, size_t len, struct json **ret, struct error *err);
    void (*free)(struct json *root);
    bool (*is_object)(const struct json *j);
    bool (*is_array)(const struct json *j);
    const struct json *(*member)(const struct json *object, const char *name);
    const char *(*name_at)(const struct json *object, size_t index);
    size_t (*length)(const struct json *array);
    const struct json *(*at)(const struct json *array, size_t index);
    const char *(*as_text)(const struct json *value);
    bool (*as_number)(const struct json *value, int64_t *ret);
    bool (*as_flag)(const struct json *value, bool *ret);
};

extern const struct json_module imgctl_json_module;

#endif
