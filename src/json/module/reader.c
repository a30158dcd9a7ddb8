#include <json-c/json.h>
#include <limits.h>
#include <string.h>

#include "../json_module.h"
#include "lexis.h"

/* A `struct json` is a json-c object; no other file needs to know. */
static const struct json_object *object_of(const struct json *j)
{
    return (const struct json_object *)j;
}

static const struct json *json_of(const struct json_object *o)
{
    return (const struct json *)o;
}

/* The text is whole tokens now; json-c judges how they stand together. */
static int build(struct json_tokener *t, const char *data, int len,
                 struct json_object **ret, struct error *err)
{
    struct json_object *root = json_tokener_parse_ex(t, data, len);
    size_t where = json_tokener_get_parse_end(t);
    if (json_tokener_get_error(t) == json_tokener_continue) {
        /* A number at the very end is over only when a NUL says so. */
        where = (size_t)len;
        root = json_tokener_parse_ex(t, "", 1);
    }
    enum json_tokener_error fault = json_tokener_get_error(t);
    if (fault != json_tokener_success) {
        const char *what = json_tokener_error_desc(fault);
        if (fault == json_tokener_continue) {
            what = "it ends too early";
        }
        return error_set(err, ERROR_FAILED, "not JSON: %s at byte %zu", what, where);
    }
    *ret = root;
    return 0;
}

static int parse(const char *data, size_t len, struct json **ret, struct error *err)
{
    size_t where;
    const char *fault = json_lexis_fault(data, len, &where);
    if (fault) {
        return error_set(err, ERROR_FAILED, "not JSON: %s at byte %zu", fault, where);
    }
    if (len > INT_MAX) {
        return error_set(err, ERROR_FAILED, "JSON of %zu bytes is too large", len);
    }
    /* One level more than nesting allows: json-c counts the innermost value. */
    struct json_tokener *t = json_tokener_new_ex(JSON_DEPTH + 1);
    if (!t) {
        return error_set(err, ERROR_FAILED, "no memory to read JSON");
    }
    json_tokener_set_flags(t, JSON_TOKENER_STRICT);
    struct json_object *root = NULL;
    int result = build(t, data, (int)len, &root, err);
    json_tokener_free(t);
    if (result == 0) {
        *ret = (struct json *)root;
    }
    return result;
}

static void release(struct json *root)
{
    json_object_put((struct json_object *)root);
}

static bool is_object(const struct json *j)
{
    return json_object_is_type(object_of(j), json_type_object);
}

static bool is_array(const struct json *j)
{
    return json_object_is_type(object_of(j), json_type_array);
}

static const struct json *member(const struct json *object, const char *name)
{
    struct json_object *value = NULL;
    json_object_object_get_ex(object_of(object), name, &value);
    return json_of(value);
}

static const char *name_at(const struct json *object, size_t index)
{
    struct json_object *o = (struct json_object *)object; /* it takes no const */
    struct json_object_iterator at = json_object_iter_begin(o);
    struct json_object_iterator end = json_object_iter_end(o);
    while (index > 0 && !json_object_iter_equal(&at, &end)) {
        json_object_iter_next(&at);
        index--;
    }
    return json_object_iter_equal(&at, &end) ? NULL : json_object_iter_peek_name(&at);
}

static size_t length(const struct json *array)
{
    return json_object_array_length(object_of(array));
}

static const struct json *at(const struct json *array, size_t index)
{
    return json_of(json_object_array_get_idx(object_of(array), index));
}

static const char *as_text(const struct json *value)
{
    /* json-c's getters cache nothing for strings but take no const. */
    struct json_object *o = (struct json_object *)value;
    if (!json_object_is_type(o, json_type_string)) {
        return NULL;
    }
    const char *text = json_object_get_string(o);
    size_t len = (size_t)json_object_get_string_len(o);
    return memchr(text, '\0', len) ? NULL : text;
}

/* A whole number written as 1.0 or 1e3 is a number too, as far as a double
 * still tells whole numbers apart. */
static bool as_number(const struct json *value, int64_t *ret)
{
    const struct json_object *o = object_of(value);
    if (json_object_is_type(o, json_type_int)) {
        /* json-c keeps what is too large for int64_t as the nearest it can. */
        int64_t n = json_object_get_int64(o);
        *ret = n;
        return n != INT64_MAX && n != INT64_MIN;
    }
    if (json_object_is_type(o, json_type_double)) {
        double d = json_object_get_double(o);
        if (d >= -9007199254740992.0 && d <= 9007199254740992.0) {
            *ret = (int64_t)d;
            return (double)*ret == d;
        }
    }
    return false;
}

static bool as_flag(const struct json *value, bool *ret)
{
    if (!json_object_is_type(object_of(value), json_type_boolean)) {
        return false;
    }
    *ret = json_object_get_boolean(object_of(value));
    return true;
}

const struct json_module imgctl_json_module = {
    .parse = parse,
    .free = release,
    .is_object = is_object,
    .is_array = is_array,
    .member = member,
    .name_at = name_at,
    .length = length,
    .at = at,
    .as_text = as_text,
    .as_number = as_number,
    .as_flag = as_flag,
};
