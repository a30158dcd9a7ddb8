/*
 * The reading half of json.h in the program. A document that is not NULL came out
 * of the module, so the module is loaded wherever one is looked at.
 */
#include "imgctl/json.h"
#include "imgctl/module.h"
#include "json_module.h"

static const struct json_module *module;

int json_parse(const char *data, size_t len, struct json **ret, struct error *err)
{
    if (!module) {
#ifdef IMGCTL_STATIC
        module = &imgctl_json_module;
#else
        module = module_load("json", err);
#endif
    }
    return module ? module->parse(data, len, ret, err) : -1;
}

void json_free(struct json *root)
{
    if (root) {
        module->free(root);
    }
}

bool json_is_object(const struct json *j)
{
    return j && module->is_object(j);
}

bool json_is_array(const struct json *j)
{
    return j && module->is_array(j);
}

const struct json *json_member(const struct json *object, const char *name)
{
    return json_is_object(object) ? module->member(object, name) : NULL;
}

const char *json_name_at(const struct json *object, size_t index)
{
    return json_is_object(object) ? module->name_at(object, index) : NULL;
}

size_t json_length(const struct json *array)
{
    return json_is_array(array) ? module->length(array) : 0;
}

const struct json *json_at(const struct json *array, size_t index)
{
    return index < json_length(array) ? module->at(array, index) : NULL;
}

const char *json_as_text(const struct json *value)
{
    return value ? module->as_text(value) : NULL;
}

const char *json_text(const struct json *object, const char *name)
{
    return json_as_text(json_member(object, name));
}

int64_t json_number(const struct json *object, const char *name, int64_t fallback)
{
    int64_t n;
    const struct json *value = json_member(object, name);
    return value && module->as_number(value, &n) ? n : fallback;
}

bool json_flag(const struct json *object, const char *name, bool fallback)
{
    bool flag;
    const struct json *value = json_member(object, name);
    return value && module->as_flag(value, &flag) ? flag : fallback;
}
